import type { Subject } from '../../../api/generated/rbac-v1.ts'
import type { UserInfo } from '../../../api/request.ts'

/**
 * The key under which a binding's subject is found; a ServiceAccount has that of its user. Undefined for a subject that
 * nobody can be.
 */
export function subjectKey(subject: Subject, bindingNamespace: string): string | undefined {
  switch (subject.kind) {
    case 'User':
      return userKey(subject.name)
    case 'Group':
      return groupKey(subject.name)
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace
      return namespace ? userKey(`system:serviceaccount:${namespace}:${subject.name}`) : undefined
    }
    default:
      return undefined
  }
}

/** Every key a user is bound under: the name and each group. */
export function keysOfUser(user: UserInfo): string[] {
  return [userKey(user.name), ...user.groups.map(groupKey)]
}

function userKey(name: string): string {
  return `U:${name}`
}

function groupKey(name: string): string {
  return `G:${name}`
}

/** A subject as reasons name it: `ServiceAccount "name/namespace"`, `Group "name"`. */
export function describeSubject(subject: Subject, bindingNamespace: string): string {
  const name =
    subject.kind === 'ServiceAccount'
      ? `${subject.name}/${subject.namespace || bindingNamespace}`
      : subject.name
  return `${subject.kind} ${JSON.stringify(name)}`
}
