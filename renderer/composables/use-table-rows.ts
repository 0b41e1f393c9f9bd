import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import type { LiveList } from '../client/live-list.ts'
import { rowFilter } from '../client/row-filter.ts'
import { RowOrder, type RowOrderOptions } from '../client/row-order.ts'

export interface TableRowsInput {
  lists: Readonly<Ref<LiveList[]>>
  /** Text of the filter box. */
  filter(): string
  /** Narrows further, e.g. to namespaces; its identity must change when its meaning does. */
  accept(): (row: LiveRow) => boolean
  sortKey(): (row: LiveRow) => string | number
  descending(): boolean
}

export interface TableRows {
  rows: ShallowRef<readonly LiveRow[]>
  /** How many there are before the filter. */
  total: ShallowRef<number>
  find(uid: string): LiveRow | undefined
}

/** Filtered and sorted rows of live lists, updated once per frame by what changed. */
export function useTableRows(input: TableRowsInput): TableRows {
  const rows = shallowRef<readonly LiveRow[]>([])
  const total = shallowRef(0)
  let order: RowOrder | undefined
  let stops: (() => void)[] = []

  function options(): RowOrderOptions {
    const matches = rowFilter(input.filter())
    const accept = input.accept()
    return {
      matches: (row) => accept(row) && matches(row),
      sortKey: input.sortKey(),
      descending: input.descending(),
    }
  }

  function* all(): Iterable<LiveRow> {
    for (const list of input.lists.value) yield* list.rows.values()
  }

  function publish(): void {
    rows.value = order?.rows ?? []
    total.value = input.lists.value.reduce((sum, list) => sum + list.rows.size, 0)
  }

  function rebuild(): void {
    const next = options()
    order ??= new RowOrder(next)
    order.rebuild(next, all())
    publish()
  }

  function stop(): void {
    for (const end of stops) end()
    stops = []
  }

  watch(
    input.lists,
    (lists) => {
      stop()
      stops = lists.map((list) =>
        list.listen((change) => {
          if (change.reset) rebuild()
          else {
            order?.apply(change.upserts, change.deletes)
            publish()
          }
        }),
      )
      rebuild()
    },
    { immediate: true },
  )
  watch(
    [() => input.filter(), () => input.accept(), () => input.sortKey(), () => input.descending()],
    rebuild,
  )
  onScopeDispose(stop)

  function find(uid: string): LiveRow | undefined {
    for (const list of input.lists.value) {
      const row = list.rows.get(uid)
      if (row) return row
    }
    return undefined
  }
  return { rows, total, find }
}
