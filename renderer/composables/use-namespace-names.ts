import { computed, type ComputedRef } from 'vue'
import type { Status } from '../../core/api/status.ts'
import { resources } from '../../core/api/resources.ts'
import { useLiveLists } from './use-live-lists.ts'

// As lists sort names: tenant-2 before tenant-10.
const collator = new Intl.Collator('en', { numeric: true })

export interface NamespaceNames {
  names: ComputedRef<string[]>
  /** Why they are not known. */
  error: ComputedRef<Status | undefined>
}

/** The names of all namespaces, sorted, live. */
export function useNamespaceNames(cluster: () => string): NamespaceNames {
  const { group, version, resource } = resources.namespaces
  const { lists, error } = useLiveLists(() => [{ cluster: cluster(), group, version, resource }])
  const names = computed(() => {
    const [list] = lists.value
    if (!list || list.version.value < 0) return []
    return [...list.rows.values()].map(({ name }) => name).sort(collator.compare)
  })
  return { names, error }
}
