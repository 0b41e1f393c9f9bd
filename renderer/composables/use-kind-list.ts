import { computed, type ComputedRef } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import type { KindView } from '../kit/kind-view.ts'
import { rowsIn, targetsIn } from './namespace-targets.ts'
import { useLiveLists, type LiveLists } from './use-live-lists.ts'

export interface KindListInput {
  cluster(): string
  view(): KindView
  /** Empty = all. */
  namespaces(): string[]
}

export interface KindList extends LiveLists {
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
  const accept = computed(() => rowsIn(namespaces()))
  function cell(row: LiveRow, column: string): unknown {
    const list = live.lists.value.find(({ columns }) => columns.value.length > 0)
    return list?.cell(row, column)
  }
  return { ...live, accept, cell }
}
