import { computed, watch, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { LiveRow } from '../../core/api/live.ts'
import { useNamespacesStore } from '../stores/namespaces.ts'

export interface SelectedObject {
  namespace: string | undefined
  name: string
}

export interface ListAddress {
  filter: WritableComputedRef<string>
  /** The object whose detail is open beside the list. */
  selected: WritableComputedRef<SelectedObject | undefined>
  tab: WritableComputedRef<string>
  isSelected(row: LiveRow): boolean
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The state of a list that its URL holds: namespaces, filter, open object and tab. */
export function useListAddress(cluster: () => string): ListAddress {
  const route = useRoute()
  const router = useRouter()
  const namespaces = useNamespacesStore()

  function set(query: Record<string, string | undefined>): void {
    const next: Record<string, string> = {}
    for (const [key, value] of Object.entries({ ...route.query, ...query })) {
      if (typeof value === 'string' && value) next[key] = value
    }
    void router.replace({ query: next })
  }

  // An address with namespaces wins over what was remembered; afterwards the picker writes the address.
  const asked = textOf(route.query.ns)
  if (asked) namespaces.select(cluster(), asked === '*' ? [] : asked.split(','))
  watch(
    () => namespaces.selected(cluster()).join(','),
    (selected) => {
      if (selected !== textOf(route.query.ns)) set({ ns: selected })
    },
    { immediate: true },
  )

  const selected = computed<SelectedObject | undefined>({
    get: () => {
      const text = textOf(route.query.sel)
      if (!text) return undefined
      const slash = text.indexOf('/')
      return slash < 0
        ? { namespace: undefined, name: text }
        : { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
    },
    set: (object) =>
      set({
        sel: object && (object.namespace ? `${object.namespace}/${object.name}` : object.name),
        tab: object ? textOf(route.query.tab) : undefined,
      }),
  })
  return {
    filter: computed({ get: () => textOf(route.query.q), set: (q) => set({ q }) }),
    selected,
    tab: computed({ get: () => textOf(route.query.tab) || 'overview', set: (tab) => set({ tab }) }),
    isSelected: (row) => selected.value?.name === row.name && selected.value.namespace === row.namespace,
  }
}
