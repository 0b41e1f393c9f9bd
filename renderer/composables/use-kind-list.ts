import { computed, type ComputedRef } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import type { Status } from '../../core/api/status.ts'
import type { LiveList, ListState } from '../client/live-list.ts'
import type { KindView } from '../kit/kind-view.ts'
import { rowsIn, targetsIn } from './namespace-targets.ts'
import { useLiveLists, type LiveLists } from './use-live-lists.ts'

export interface KindListInput {
  cluster(): string
  view(): KindView
  /** Empty = all. */
  namespaces(): string[]
}

/** A namespace whose objects cannot be shown, and why. */
export interface MissingNamespace {
  namespace: string
  error: Status
}

/** As LiveLists, but one namespace that is refused keeps no other from being shown. */
export interface KindList extends LiveLists {
  missing: ComputedRef<MissingNamespace[]>
  accept: ComputedRef<(row: LiveRow) => boolean>
  cell(row: LiveRow, column: string): unknown
}

/** The live rows of a kind in the chosen namespaces. */
export function useKindList(input: KindListInput): KindList {
  const namespaces = (): string[] => (input.view().resource.namespaced ? input.namespaces() : [])
  const live = useLiveLists(() => {
    const { group, version, resource } = input.view().resource
    return targetsIn({ cluster: input.cluster(), group, version, resource }, namespaces())
  })
  const hasFailed = (list: LiveList): boolean => list.state.value === 'error'
  const areAllLost = computed(() => live.lists.value.every(hasFailed))
  /** Of a list that failed the rows from before are no longer what is there. */
  const lists = computed(() =>
    areAllLost.value ? live.lists.value : live.lists.value.filter((list) => !hasFailed(list)),
  )
  const state = computed<ListState>(() => {
    if (areAllLost.value) return 'error'
    return lists.value.every((list) => list.state.value === 'ready') ? 'ready' : 'loading'
  })
  const missing = computed<MissingNamespace[]>(() => {
    if (areAllLost.value) return []
    return live.lists.value.flatMap((list, index) => {
      const namespace = live.targets.value[index]?.namespace
      const error = hasFailed(list) ? list.error.value : undefined
      return namespace && error ? [{ namespace, error }] : []
    })
  })
  const isWhole = computed(() => lists.value.every((list) => list.isWhole.value))
  const accept = computed(() => rowsIn(namespaces()))
  function cell(row: LiveRow, column: string): unknown {
    const list = lists.value.find(({ columns }) => columns.value.length > 0)
    return list?.cell(row, column)
  }
  return { ...live, lists, state, isWhole, missing, accept, cell }
}
