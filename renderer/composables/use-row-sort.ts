import { computed, type ComputedRef } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import { useText } from '../i18n/text.ts'
import { useUsageStore } from '../stores/usage.ts'
import type { KindList } from './use-kind-list.ts'
import type { ListColumns } from './use-list-columns.ts'

/** What a list's rows are sorted by: the key of the chosen column, or the name where that column is gone. */
export function useRowSort(input: {
  cluster(): string
  list: KindList
  columns: ListColumns
}): ComputedRef<(row: LiveRow) => string | number> {
  const t = useText()
  const usageStore = useUsageStore()
  const column = computed(() => {
    const id = input.columns.sort.value.replace(/^-/, '')
    return input.columns.all.value.find((candidate) => candidate.id === id)
  })
  return computed(() => {
    const chosen = column.value
    if (!chosen) return (row) => row.name
    // Read here, so that each measurement sorts anew, and only where the order depends on it.
    const usage = chosen.followsUsage ? { ...usageStore.of(input.cluster()) } : undefined
    return (row) =>
      chosen.sortKey({ row, cell: (name) => input.list.cell(row, name), t, ...(usage && { usage }) })
  })
}
