/** Names of what a ResourceQuota can bound (upstream: pkg/apis/core/helper). */
const compute = new Set(['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'])
const counts = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
])
const others = new Set([
  'ephemeral-storage',
  'limits.ephemeral-storage',
  'requests.ephemeral-storage',
  'requests.storage',
])

/** Whether a name without a prefix is one that quotas know. */
export function isQuotaResource(name: string): boolean {
  if (compute.has(name) || counts.has(name) || others.has(name)) return true
  return name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')
}

/** Whether amounts of it must be whole numbers. */
export function isCountResource(name: string): boolean {
  return counts.has(name) || name.startsWith('count/')
}

/** Every scope a quota may have. */
export const quotaScopes = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
]

/** Whether a scope says anything about a resource: scopes of pods only about pods, and so on. */
export function scopeFits(scope: string, resource: string): boolean {
  switch (scope) {
    case 'BestEffort':
      return resource === 'pods'
    case 'VolumeAttributesClass':
      return resource === 'persistentvolumeclaims' || resource === 'requests.storage'
    default:
      return resource === 'pods' || compute.has(resource)
  }
}
