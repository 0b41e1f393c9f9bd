/** Place of a group version in discovery: higher comes first. */
export interface ApiServicePriority {
  group: number
  version: number
}

const groups: Record<string, number> = {
  '': 18_000,
  'apiregistration.k8s.io': 17_900,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'resource.k8s.io': 16_200,
}
/** Versions that stand elsewhere than the usual 15. */
const versions: Record<string, number> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'resource.k8s.io/v1': 21,
}
const usualVersion = 15
/** What a CustomResourceDefinition's versions get (upstream: crdregistration). */
const custom: ApiServicePriority = { group: 1000, version: 100 }

/** Whether a group is one of upstream's own. */
export function isBuiltInGroup(group: string): boolean {
  return Object.hasOwn(groups, group)
}

/** The priority of a group version that is served here (upstream: pkg/controlplane/apiserver/aggregator.go). */
export function localPriority(group: string, version: string): ApiServicePriority {
  if (!isBuiltInGroup(group)) return custom
  return { group: groups[group]!, version: versions[`${group}/${version}`] ?? usualVersion }
}
