import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../../core/api/generated/rbac-v1.ts'

/** The verbs every kind may have, in the order kubectl thinks of them; the matrix has a column for each. */
export const commonVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] as const

/** One line of a role's matrix: what, and which verbs. */
export interface RuleRow {
  /** `pods`, `deployments.apps`, `/healthz`, `everything`. */
  target: string
  /** Only the objects of these names. */
  names: string[]
  /** `*` stands for all. */
  verbs: string[]
}

function nameOf(resource: string, group: string): string {
  if (group === '') return resource
  const [name, subresource] = resource.split('/')
  return subresource ? `${name}.${group}/${subresource}` : `${name}.${group}`
}

/** A role's rules, one line per resource, then one per path; lines for the same thing are one. */
export function ruleRows(rules: PolicyRule[] | undefined): RuleRow[] {
  const rows = new Map<string, RuleRow>()
  for (const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } of rules ??
    []) {
    const targets = [
      ...resources.flatMap((resource) => apiGroups.map((group) => nameOf(resource, group))),
      ...nonResourceURLs,
    ]
    for (const target of targets) {
      const key = `${target} ${resourceNames.join()}`
      const row = rows.get(key) ?? { target, names: resourceNames, verbs: [] }
      rows.set(key, { ...row, verbs: [...new Set([...row.verbs, ...verbs])] })
    }
  }
  const isPath = ({ target }: RuleRow): number => Number(target.startsWith('/'))
  return [...rows.values()].sort((a, b) => isPath(a) - isPath(b) || a.target.localeCompare(b.target))
}

/** Whether a line allows a verb. */
export function allows({ verbs }: RuleRow, verb: string): boolean {
  return verbs.includes('*') || verbs.includes(verb)
}

/** The verbs of a line that have no column of their own, such as `bind` or `deletecollection`. */
export function otherVerbs({ verbs }: RuleRow): string[] {
  return verbs.filter((verb) => verb !== '*' && !(commonVerbs as readonly string[]).includes(verb))
}

type Binding = RoleBinding | ClusterRoleBinding

/** The bindings that give a role. A ClusterRole may be given in one namespace by a RoleBinding. */
export function bindingsOf<T extends Binding>(
  bindings: T[],
  role: { kind: string; namespace?: string | undefined; name: string },
): T[] {
  return bindings.filter(
    ({ metadata, roleRef }) =>
      roleRef.kind === role.kind &&
      roleRef.name === role.name &&
      (role.kind === 'ClusterRole' || metadata.namespace === role.namespace),
  )
}

/**
 * The bindings that speak of a service account: by its name, or by the groups every service account is in (upstream:
 * apiserver/pkg/authentication/serviceaccount MakeGroupNames).
 */
export function bindingsFor<T extends Binding>(
  bindings: T[],
  account: { namespace: string; name: string },
): T[] {
  const user = `system:serviceaccount:${account.namespace}:${account.name}`
  const groups = [
    'system:serviceaccounts',
    `system:serviceaccounts:${account.namespace}`,
    'system:authenticated',
  ]
  return bindings.filter(({ metadata, subjects }) =>
    subjects?.some(({ kind, name, namespace }) => {
      if (kind === 'ServiceAccount')
        return name === account.name && (namespace ?? metadata.namespace) === account.namespace
      return kind === 'User' ? name === user : groups.includes(name)
    }),
  )
}

/** A subject as kubectl writes it: `ServiceAccount shop/web`. */
export function subjectText({ kind, namespace, name }: Subject): string {
  return `${kind} ${kind === 'ServiceAccount' && namespace ? `${namespace}/` : ''}${name}`
}

/** What somebody may do in one place; without a namespace in all of the cluster. */
export interface Rights {
  namespace: string | undefined
  rules: PolicyRule[]
}

/**
 * What bindings come to, the whole cluster first. A ClusterRole given by a RoleBinding holds in its namespace, and paths that are no
 * resources are only reached by what holds everywhere (upstream: rbac's VisitRulesFor and RuleAllows). Bindings to roles that do not
 * exist give nothing.
 */
export function rightsOf(bindings: Binding[], roles: (Role | ClusterRole)[]): Rights[] {
  const places = new Map<string | undefined, PolicyRule[]>()
  for (const { metadata, roleRef } of bindings) {
    const { namespace } = metadata
    const home = roleRef.kind === 'Role' ? namespace : undefined
    const role = roles.find(
      (candidate) => candidate.metadata.name === roleRef.name && candidate.metadata.namespace === home,
    )
    const rules = (role?.rules ?? []).filter(({ resources }) => namespace === undefined || resources?.length)
    if (rules.length) places.set(namespace, [...(places.get(namespace) ?? []), ...rules])
  }
  return [...places]
    .map(([namespace, rules]) => ({ namespace, rules }))
    .sort((a, b) => (a.namespace ?? '').localeCompare(b.namespace ?? ''))
}
