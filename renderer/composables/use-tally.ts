import { computed, type ComputedRef } from 'vue'
import type { LiveRow, LiveTarget } from '../../core/api/live.ts'
import type { Status } from '../../core/api/status.ts'
import type { ListState } from '../client/live-list.ts'
import { rowsIn, targetsIn } from './namespace-targets.ts'
import { usePacedVersion } from './use-paced-version.ts'
import { useShownLists, type MissingNamespace } from './use-shown-lists.ts'

export interface TallyRow {
  row: LiveRow
  cell(column: string): unknown
}

export interface Tally {
  rows: ComputedRef<TallyRow[]>
  state: ComputedRef<ListState>
  /** Why nothing can be shown. */
  error: ComputedRef<Status | undefined>
  /** The namespaces that are not counted. */
  missing: ComputedRef<MissingNamespace[]>
  retry(): void
}

/** All rows of a kind in some namespaces (none: in all) with their cells, for counting. */
export function useTally(target: () => LiveTarget, namespaces: () => readonly string[] = () => []): Tally {
  const { lists, state, error, missing, retry } = useShownLists(() => targetsIn(target(), namespaces()))
  const version = usePacedVersion(() => lists.value)
  const rows = computed<TallyRow[]>(() => {
    if (version.value < 0) return []
    const isAccepted = rowsIn(namespaces())
    return lists.value.flatMap((list) =>
      [...list.rows.values()]
        .filter(isAccepted)
        .map((row) => ({ row, cell: (column: string) => list.cell(row, column) })),
    )
  })
  return { rows, state, error, missing, retry }
}
