import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import type { RemoteVersion } from '../server/aggregation/remote-discovery.ts'
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

/** A resource that an extension API server serves. */
export interface ServedElsewhere {
  resource: Resource<KubeObject>
  verbs: readonly string[]
}

/** What extension API servers serve now, each resource in the version that its group prefers. */
export function aggregatedResources(versions: readonly RemoteVersion[]): ServedElsewhere[] {
  const found = new Map<string, ServedElsewhere>()
  const preferred = versions.toSorted((a, b) => b.versionPriority - a.versionPriority)
  for (const { group, version, resources } of preferred) {
    for (const { resource, responseKind, scope, verbs } of resources) {
      const key = `${resource}.${group}`
      if (found.has(key)) continue
      const namespaced = scope === 'Namespaced'
      found.set(key, { resource: { group, version, resource, kind: responseKind.kind, namespaced }, verbs })
    }
  }
  return [...found.values()]
}

/** The resource that serves a kind in a version, e.g. `apps/v1` and `Deployment`; undefined when none does. */
export function servedKind(
  registry: Registry,
  apiVersion: string,
  wanted: string,
): Resource<KubeObject> | undefined {
  const found = registry
    .kinds()
    .find(
      ({ group, version, kind }) =>
        kind === wanted && apiVersion === (group ? `${group}/${version}` : version),
    )
  if (!found) return undefined
  const { group, version, kind, namespaced, names } = found
  return { group, version, kind, namespaced, resource: names.plural }
}
