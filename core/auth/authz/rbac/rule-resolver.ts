import type { PolicyRule, RoleBinding, RoleRef } from '../../../api/generated/rbac-v1.ts'
import type { UserInfo } from '../../../api/request.ts'
import { internalError, notFound } from '../../../api/status.ts'
import type { PolicySource } from './policy-source.ts'
import { describeSubject, keysOfUser, subjectKey } from './subjects.ts'

/** What somebody may do in a namespace and cluster-wide. */
export interface ResolvedRules {
  rules: PolicyRule[]
  /** Why the list may be short: roles that bindings name and that do not exist. */
  errors: string[]
}

/** Finds the rules that hold for users (upstream: pkg/registry/rbac/validation AuthorizationRuleResolver). */
export interface RuleResolver {
  /** Namespace '' asks for the cluster-wide rules only. */
  rulesFor(user: UserInfo, namespace: string): ResolvedRules
  /** The rules of a role that is referred to from a namespace. Throws a StatusError when it does not exist. */
  rulesOfRole(roleRef: RoleRef, namespace: string): PolicyRule[]
}

/** Told of each rule in turn; ends the visit with true. Exactly one of `rule` and `error` is there. */
export type RuleVisitor = (found: { rule?: PolicyRule; error?: string; source: () => string }) => boolean

/** Gives the visitor every rule that holds for a user: cluster role bindings first, then those of the namespace. */
export function visitRules(
  policy: PolicySource,
  who: { user: UserInfo; namespace: string },
  visit: RuleVisitor,
): void {
  const keys = keysOfUser(who.user)
  const seen = new Set<RoleBinding>()
  const visitBindings = (kind: string, bindingsOf: (key: string) => RoleBinding[]): boolean => {
    for (const key of keys) {
      for (const binding of bindingsOf(key)) {
        if (seen.has(binding)) continue
        seen.add(binding)
        if (visitBinding(policy, binding, { visit, source: () => describe(kind, binding, key) })) return true
      }
    }
    return false
  }
  if (visitBindings('ClusterRoleBinding', (key) => policy.clusterRoleBindings(key))) return
  if (who.namespace) visitBindings('RoleBinding', (key) => policy.roleBindings(who.namespace, key))
}

function visitBinding(
  policy: PolicySource,
  binding: RoleBinding,
  { visit, source }: { visit: RuleVisitor; source: () => string },
): boolean {
  let rules: PolicyRule[]
  try {
    rules = rulesOfRole(policy, binding.roleRef, binding.metadata.namespace ?? '')
  } catch (error) {
    return visit({ error: (error as Error).message, source })
  }
  return rules.some((rule) => visit({ rule, source }))
}

function describe(kind: string, binding: RoleBinding, key: string): string {
  const { name, namespace = '' } = binding.metadata
  const { roleRef, subjects = [] } = binding
  const subject = subjects.find((candidate) => subjectKey(candidate, namespace) === key)
  const shown = JSON.stringify(namespace ? `${name}/${namespace}` : name)
  const to = subject ? describeSubject(subject, namespace) : ''
  return `${kind} ${shown} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${to}`
}

function rulesOfRole(policy: PolicySource, roleRef: RoleRef, namespace: string): PolicyRule[] {
  const { kind, name } = roleRef
  if (kind !== 'Role' && kind !== 'ClusterRole') {
    throw internalError(`unsupported role reference kind: ${JSON.stringify(kind)}`)
  }
  const role = kind === 'Role' ? policy.role(namespace, name) : policy.clusterRole(name)
  // Upstream's lister names the kind, not the plural.
  if (!role) throw notFound({ group: 'rbac.authorization.k8s.io', resource: kind.toLowerCase() }, name)
  return role.rules ?? []
}

/** A resolver over a source of policy. */
export function createRuleResolver(policy: PolicySource): RuleResolver {
  return {
    rulesFor(user, namespace) {
      const resolved: ResolvedRules = { rules: [], errors: [] }
      visitRules(policy, { user, namespace }, ({ rule, error }) => {
        if (rule) resolved.rules.push(rule)
        if (error !== undefined && !resolved.errors.includes(error)) resolved.errors.push(error)
        return false
      })
      return resolved
    },
    rulesOfRole: (roleRef, namespace) => rulesOfRole(policy, roleRef, namespace),
  }
}
