import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import type { Registry } from '../registry/registry.ts'

/** Every resource that can be listed now, each in one of its versions: enough to see every object once. */
export function servedResources(registry: Registry): Resource<KubeObject>[] {
  const served = new Map<string, Resource<KubeObject>>()
  for (const { group, version, kind, namespaced, names, withoutVerbs, ...definition } of registry.kinds()) {
    const key = `${group}/${names.plural}`
    const { isVirtual, storedAs } = definition
    // What another kind shows too is seen there.
    if (isVirtual || storedAs || withoutVerbs?.includes('list') || served.has(key)) continue
    served.set(key, { group, version, kind, namespaced, resource: names.plural })
  }
  return [...served.values()]
}
