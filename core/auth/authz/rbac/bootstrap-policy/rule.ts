import type { PolicyRule } from '../../../../api/generated/rbac-v1.ts'

/** The usual sets of verbs. */
export const read = ['get', 'list', 'watch']
export const write = ['create', 'delete', 'deletecollection', 'patch', 'update']
export const readWrite = [...write, ...read].sort()

/** API groups by short names. */
export const group = {
  core: '',
  apps: 'apps',
  admission: 'admissionregistration.k8s.io',
  authentication: 'authentication.k8s.io',
  authorization: 'authorization.k8s.io',
  autoscaling: 'autoscaling',
  batch: 'batch',
  certificates: 'certificates.k8s.io',
  coordination: 'coordination.k8s.io',
  discovery: 'discovery.k8s.io',
  events: 'events.k8s.io',
  extensions: 'extensions',
  networking: 'networking.k8s.io',
  node: 'node.k8s.io',
  policy: 'policy',
  rbac: 'rbac.authorization.k8s.io',
  resource: 'resource.k8s.io',
  storage: 'storage.k8s.io',
} as const

/** A rule about resources; `names` limits it to objects of these names. */
export function allow(
  verbs: string[],
  on: { in: string | string[]; resources: string[]; names?: string[] },
): PolicyRule {
  const rule: PolicyRule = {
    apiGroups: [on.in].flat(),
    resources: on.resources.toSorted(),
    verbs: verbs.toSorted(),
  }
  if (on.names) rule.resourceNames = on.names
  return rule
}

/** A rule to GET paths. */
export function allowPaths(...paths: string[]): PolicyRule {
  return { nonResourceURLs: paths.toSorted(), verbs: ['get'] }
}

/** What every component may do: record events. */
export const recordEvents = allow(['create', 'patch', 'update'], {
  in: [group.core, group.events],
  resources: ['events'],
})
