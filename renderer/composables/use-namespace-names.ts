import { computed, type ComputedRef } from 'vue'
import { resources } from '../../core/api/resources.ts'
import { useLiveLists } from './use-live-lists.ts'

/** The names of all namespaces, sorted, live. */
export function useNamespaceNames(cluster: () => string): ComputedRef<string[]> {
  const { group, version, resource } = resources.namespaces
  const { lists } = useLiveLists(() => [{ cluster: cluster(), group, version, resource }])
  return computed(() => {
    const [list] = lists.value
    return list && list.version.value >= 0 ? [...list.rows.values()].map(({ name }) => name).sort() : []
  })
}
