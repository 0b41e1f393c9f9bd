import type { ClusterRole, PolicyRule, RoleBinding, RoleRef } from '../../../api/generated/rbac-v1.ts'
import type { KubeObject } from '../../../api/meta.ts'
import type { AdmissionAttributes, AdmissionPlugin, UserInfo } from '../../../api/request.ts'
import { forbidden } from '../../../api/status.ts'
import { deepEqual } from '../../../client/deep-equal.ts'
import type { AuthorizationAttributes, Authorizer } from '../authorizer.ts'
import { mastersGroup } from '../masters-authorizer.ts'
import { aggregateErrors } from './aggregate-errors.ts'
import { uncovered } from './covers.ts'
import { describeRules, quotedList } from './describe-rules.ts'
import type { RuleResolver } from './rule-resolver.ts'

const rbacGroup = 'rbac.authorization.k8s.io'
const fullAuthority: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/**
 * Nobody hands out more than they have: whoever writes a role must hold all its rules or have `escalate` on it, whoever
 * writes a binding must hold the bound role's rules or have `bind` on it (upstream: pkg/registry/rbac, policybased storage).
 * Runs as the last of the mutating plugins, where upstream's check stands: before validation.
 */
export function createEscalationCheck(options: {
  rules: RuleResolver
  authorizer: Authorizer
}): AdmissionPlugin {
  return {
    name: 'RBACEscalationCheck',
    async admit(attributes) {
      const { resource, operation, subresource, object, oldObject } = attributes
      if (resource.group !== rbacGroup || subresource || !object) return
      if (operation !== 'CREATE' && operation !== 'UPDATE') return
      if (attributes.context.user.groups.includes(mastersGroup)) return
      switch (resource.resource) {
        case 'roles':
        case 'clusterroles':
          return checkRole(options, attributes, { role: object, old: oldObject })
        case 'rolebindings':
        case 'clusterrolebindings':
          return checkBinding(options, attributes, { binding: object as RoleBinding, old: oldObject })
      }
    },
  }
}

type Checks = Parameters<typeof createEscalationCheck>[0]

async function checkRole(
  { rules, authorizer }: Checks,
  attributes: AdmissionAttributes,
  change: { role: ClusterRole; old: ClusterRole | undefined },
): Promise<void> {
  const { user } = attributes.context
  const { role, old } = change
  const { resource, namespace = '', operation } = attributes
  // The URL of a creation names nothing, so that a rule for certain names never allows one.
  const name = operation === 'CREATE' ? '' : attributes.name
  const escalate = question(user, { verb: 'escalate', resource: resource.resource, namespace, name })
  if ((await authorizer.authorize(escalate)).allowed) return
  if (old && changesOnlyOwnership(role, old)) return
  const refusal = refuseEscalation(rules, { user, namespace }, role.rules ?? [])
  if (refusal) throw forbidden(resource, role.metadata.name, refusal)
  if (!aggregates(role) && !aggregates(old)) return
  if (refuseEscalation(rules, { user, namespace }, fullAuthority)) {
    const why = 'must have cluster-admin privileges to use the aggregationRule'
    throw forbidden(resource, role.metadata.name, why)
  }
}

async function checkBinding(
  { rules, authorizer }: Checks,
  attributes: AdmissionAttributes,
  change: { binding: RoleBinding; old: KubeObject | undefined },
): Promise<void> {
  const { user } = attributes.context
  const { binding, old } = change
  const { resource, namespace = '' } = attributes
  if (old && changesOnlyOwnership(binding, old)) return
  const { roleRef } = binding
  if (await mayBind(authorizer, user, { roleRef, namespace })) return
  const refusal = refuseEscalation(rules, { user, namespace }, rules.rulesOfRole(roleRef, namespace))
  if (refusal) throw forbidden(resource, binding.metadata.name, refusal)
}

const pluralOfRoleKind: Record<string, string> = { Role: 'roles', ClusterRole: 'clusterroles' }

async function mayBind(
  authorizer: Authorizer,
  user: UserInfo,
  { roleRef, namespace }: { roleRef: RoleRef; namespace: string },
): Promise<boolean> {
  const resource = pluralOfRoleKind[roleRef.kind]
  if (resource === undefined) return false
  const asked = question(user, { verb: 'bind', resource, namespace, name: roleRef.name })
  return (await authorizer.authorize(asked)).allowed
}

function question(
  user: UserInfo,
  about: Pick<AuthorizationAttributes, 'verb' | 'resource' | 'namespace' | 'name'>,
): AuthorizationAttributes {
  return {
    user,
    isResourceRequest: true,
    path: '',
    apiGroup: rbacGroup,
    apiVersion: '*',
    subresource: '',
    ...about,
  }
}

function aggregates(role: ClusterRole | undefined): boolean {
  return Boolean(role?.aggregationRule?.clusterRoleSelectors?.length)
}

const ownershipFields = ['ownerReferences', 'finalizers', 'managedFields', 'resourceVersion'] as const

/** What the garbage collector writes is nobody's grant (upstream: IsOnlyMutatingGCFields). */
function changesOnlyOwnership(object: KubeObject, old: KubeObject): boolean {
  const strip = ({ metadata, ...rest }: KubeObject): object => {
    const kept: Partial<typeof metadata> = { ...metadata }
    for (const field of ownershipFields) delete kept[field]
    return { ...rest, metadata: kept }
  }
  return deepEqual(strip(object), strip(old))
}

function refuseEscalation(
  rules: RuleResolver,
  { user, namespace }: { user: UserInfo; namespace: string },
  wanted: PolicyRule[],
): string | undefined {
  const held = rules.rulesFor(user, namespace)
  const missing = uncovered(held.rules, wanted)
  if (missing.length === 0) return undefined
  const who = `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)})`
  const list = describeRules(missing).join('\n')
  const notes = held.errors.length > 0 ? `; resolution errors: [${aggregateErrors(held.errors)}]` : ''
  return `${who} is attempting to grant RBAC permissions not currently held:\n${list}${notes}`
}
