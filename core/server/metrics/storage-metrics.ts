import type { Registry } from '../../registry/registry.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'

/** How many objects are stored of each resource, counted when asked (upstream: storage/etcd3/metrics). */
export function addStorageMetrics(metrics: MetricRegistry, registry: Registry): void {
  const deprecated = metrics.gauge(
    'apiserver_storage_objects',
    '[STABLE] [DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
  )
  const objects = metrics.gauge(
    'apiserver_resource_objects',
    '[ALPHA] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
  )
  metrics.beforePrint(async () => {
    const seen = new Set<string>()
    const counts = registry.kinds().map(async (kind) => {
      const { group, version, names } = kind
      const resource = names.plural
      const name = group === '' ? resource : `${resource}.${group}`
      if (kind.isVirtual || kind.storedAs || seen.has(name)) return
      seen.add(name)
      const count = await countOf(registry, { group, version, resource })
      deprecated.set({ resource: name }, count)
      objects.set({ group, resource }, count)
    })
    await Promise.all(counts)
  })
}

async function countOf(
  registry: Registry,
  { group, version, resource }: { group: string; version: string; resource: string },
): Promise<number> {
  try {
    return await registry.resource(group, version, resource)!.count()
  } catch {
    return -1
  }
}
