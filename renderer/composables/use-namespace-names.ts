import { computed, type ComputedRef } from 'vue'
import { resources } from '../../core/api/resources.ts'
import { useLiveLists } from './use-live-lists.ts'

// As lists sort names: tenant-2 before tenant-10.
const collator = new Intl.Collator('en', { numeric: true })

/** The names of all namespaces, sorted, live. */
export function useNamespaceNames(cluster: () => string): ComputedRef<string[]> {
  const { group, version, resource } = resources.namespaces
  const { lists } = useLiveLists(() => [{ cluster: cluster(), group, version, resource }])
  return computed(() => {
    const [list] = lists.value
    if (!list || list.version.value < 0) return []
    return [...list.rows.values()].map(({ name }) => name).sort(collator.compare)
  })
}
