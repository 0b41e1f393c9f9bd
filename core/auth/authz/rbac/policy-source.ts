import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../api/generated/rbac-v1.ts'
import { resources } from '../../../api/resources.ts'
import type { InformerFactory } from '../../../client/informer-factory.ts'
import type { Informer } from '../../../client/informer.ts'
import { subjectKey } from './subjects.ts'

/** The roles and bindings there are. Every look-up is by an index; nothing is listed per request. */
export interface PolicySource {
  role(namespace: string, name: string): Role | undefined
  clusterRole(name: string): ClusterRole | undefined
  /** ClusterRoleBindings with a subject of this key. */
  clusterRoleBindings(subject: string): ClusterRoleBinding[]
  /** RoleBindings of the namespace with a subject of this key. */
  roleBindings(namespace: string, subject: string): RoleBinding[]
}

const subjectIndex = 'rbacSubject'

/** A source over informers; it knows nothing until they have synced, so nobody is allowed anything by it. */
export function createInformerPolicySource(informers: InformerFactory): PolicySource {
  const roles = informers.informer(resources.roles)
  const clusterRoles = informers.informer(resources.clusterRoles)
  const roleBindings = indexed(informers.informer(resources.roleBindings))
  const clusterRoleBindings = indexed(informers.informer(resources.clusterRoleBindings))
  return {
    role: (namespace, name) => roles.store.get(`${namespace}/${name}`),
    clusterRole: (name) => clusterRoles.store.get(name),
    clusterRoleBindings: (subject) =>
      clusterRoleBindings.store.byIndex(subjectIndex, indexValue('', subject)),
    roleBindings: (namespace, subject) =>
      roleBindings.store.byIndex(subjectIndex, indexValue(namespace, subject)),
  }
}

function indexValue(namespace: string, subject: string): string {
  return `${namespace}\0${subject}`
}

function indexed<T extends RoleBinding>(informer: Informer<T>): Informer<T> {
  informer.addIndex(subjectIndex, ({ metadata: { namespace = '' }, subjects }) => {
    const values = new Set<string>()
    for (const subject of subjects ?? []) {
      const key = subjectKey(subject, namespace)
      if (key !== undefined) values.add(indexValue(namespace, key))
    }
    return [...values]
  })
  return informer
}
