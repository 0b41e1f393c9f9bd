import type { KindDefinition } from '../../registry/kind.ts'
import { servedSubresources } from '../subresources.ts'
import type { ServedGroup } from './group-order.ts'
import { verbsOf, type DiscoveryDocument } from './resource-lists.ts'

export type AggregatedVersion = 'v2' | 'v2beta1'

function resourceEntry(definition: KindDefinition): object {
  const { group, version, kind, names, namespaced } = definition
  const subresources = servedSubresources(definition).map((subresource) => ({
    subresource: subresource.name,
    responseKind: subresource.kind,
    verbs: subresource.verbs,
  }))
  return {
    resource: names.plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: names.singular,
    verbs: verbsOf(definition),
    ...(names.short?.length ? { shortNames: names.short } : {}),
    ...(names.categories?.length ? { categories: names.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  }
}

/** An APIGroupDiscoveryList: everything about many groups in one answer (upstream: apidiscovery.k8s.io). */
export function aggregatedDiscovery(groups: ServedGroup[], version: AggregatedVersion): DiscoveryDocument {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group ? { name: group, creationTimestamp: null } : { creationTimestamp: null },
      versions: versions.map((served) => ({
        version: served.version,
        resources: served.remote?.resources ?? served.kinds.map(resourceEntry),
        freshness: served.remote?.freshness ?? 'Current',
      })),
    })),
  }
}
