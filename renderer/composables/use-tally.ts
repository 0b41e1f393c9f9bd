import { computed, type ComputedRef } from 'vue'
import type { LiveRow, LiveTarget } from '../../core/api/live.ts'
import type { Status } from '../../core/api/status.ts'
import type { ListState } from '../client/live-list.ts'
import { useLiveLists } from './use-live-lists.ts'
import { usePacedVersion } from './use-paced-version.ts'

export interface TallyRow {
  row: LiveRow
  cell(column: string): unknown
}

export interface Tally {
  rows: ComputedRef<TallyRow[]>
  state: ComputedRef<ListState>
  error: ComputedRef<Status | undefined>
  retry(): void
}

/** All rows of one live list with their cells, for counting. */
export function useTally(
  target: () => LiveTarget,
  accept: () => (row: LiveRow) => boolean = () => () => true,
): Tally {
  const { lists, state, error, retry } = useLiveLists(() => [target()])
  const version = usePacedVersion(() => lists.value[0])
  const rows = computed<TallyRow[]>(() => {
    const [list] = lists.value
    if (!list || version.value < 0) return []
    const isAccepted = accept()
    return [...list.rows.values()]
      .filter(isAccepted)
      .map((row) => ({ row, cell: (column) => list.cell(row, column) }))
  })
  return { rows, state, error, retry }
}
