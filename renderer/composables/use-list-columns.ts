import { computed, type ComputedRef, type Ref } from 'vue'
import type { LiveList } from '../client/live-list.ts'
import { serverColumns } from '../kit/columns.ts'
import type { KindColumn, KindView } from '../kit/kind-view.ts'
import { usePreferencesStore } from '../stores/preferences.ts'

export interface ListColumns {
  /** Every column the kind has. */
  all: ComputedRef<KindColumn[]>
  visible: ComputedRef<KindColumn[]>
  isVisible(column: KindColumn): boolean
  setVisible(id: string, visible: boolean): void
  setWidth(id: string, width: number): void
  widths: ComputedRef<Record<string, number>>
  /** Column id with `-` in front for descending. */
  sort: ComputedRef<string>
  /** Sorts by a column; the same column again turns the order round. */
  toggleSort(id: string): void
  reset(): void
}

export interface ListColumnsInput {
  view(): KindView
  lists: Readonly<Ref<LiveList[]>>
  /** Hides the namespace column where it would say the same on every row. */
  isOneNamespace(): boolean
}

/** The columns of a kind's list, with what the user has chosen, remembered per kind. */
export function useListColumns(input: ListColumnsInput): ListColumns {
  const preferences = usePreferencesStore()
  const chosen = computed(() => preferences.values.lists[input.view().id] ?? {})
  const all = computed(() => {
    const view = input.view()
    if (view.columns) return view.columns
    const list = input.lists.value.find(({ columns }) => columns.value.length > 0)
    return serverColumns(list?.columns.value ?? [], view.resource.namespaced)
  })
  function isVisible(column: KindColumn): boolean {
    if (column.id === 'name' && !column.hidden) return true
    return (
      chosen.value.shown?.[column.id] ??
      (column.id === 'namespace' ? !input.isOneNamespace() : !column.hidden)
    )
  }
  const sort = computed(() => chosen.value.sort ?? input.view().defaultSort ?? 'name')
  return {
    all,
    visible: computed(() => all.value.filter(isVisible)),
    isVisible,
    setVisible(id, visible) {
      const list = preferences.listOf(input.view().id)
      list.shown = { ...list.shown, [id]: visible }
    },
    setWidth(id, width) {
      const list = preferences.listOf(input.view().id)
      list.widths = { ...list.widths, [id]: width }
    },
    widths: computed(() => chosen.value.widths ?? {}),
    sort,
    toggleSort(id) {
      preferences.listOf(input.view().id).sort = sort.value === id ? `-${id}` : id
    },
    reset() {
      preferences.values.lists[input.view().id] = {}
    },
  }
}
