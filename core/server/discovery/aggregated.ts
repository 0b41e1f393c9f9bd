import type { GroupVersionKind } from '../../api/gvk.ts'
import { isCustom, type KindDefinition } from '../../registry/kind.ts'
import { servedSubresources } from '../subresources.ts'
import type { ServedGroup } from './group-order.ts'
import { verbsOf, type DiscoveryDocument } from './resource-lists.ts'

/** Built-in kinds leave out what the version they are in says already; custom ones say it (upstream: APIResource). */
function responseKindOf(kind: GroupVersionKind, definition: KindDefinition): GroupVersionKind {
  const isSame = kind.group === definition.group && kind.version === definition.version
  return isSame && !isCustom(definition) ? { group: '', version: '', kind: kind.kind } : kind
}

function resourceEntry(definition: KindDefinition): object {
  const { group, version, kind, names, namespaced } = definition
  const subresources = servedSubresources(definition).map((subresource) => ({
    subresource: subresource.name,
    responseKind: responseKindOf(subresource.kind, definition),
    verbs: subresource.verbs,
  }))
  return {
    resource: names.plural,
    responseKind: responseKindOf({ group, version, kind }, definition),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: names.singular,
    verbs: verbsOf(definition),
    ...(names.short?.length ? { shortNames: names.short } : {}),
    ...(names.categories?.length ? { categories: names.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  }
}

/** An APIGroupDiscoveryList: everything about many groups in one answer (upstream: apidiscovery.k8s.io). */
export function aggregatedDiscovery(groups: ServedGroup[]): DiscoveryDocument {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group ? { name: group } : {},
      versions: versions.map((served) => ({
        version: served.version,
        resources: served.remote?.resources ?? served.kinds.map(resourceEntry),
        freshness: served.remote?.freshness ?? 'Current',
      })),
    })),
  }
}
