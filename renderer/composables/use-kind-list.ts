import { computed, type ComputedRef } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import type { KindView } from '../kit/kind-view.ts'
import { rowsIn, targetsIn } from './namespace-targets.ts'
import { useShownLists, type ShownLists } from './use-shown-lists.ts'

export interface KindListInput {
  cluster(): string
  view(): KindView
  /** Empty = all. */
  namespaces(): string[]
}

export interface KindList extends ShownLists {
  accept: ComputedRef<(row: LiveRow) => boolean>
  cell(row: LiveRow, column: string): unknown
}

/** The live rows of a kind in the chosen namespaces. */
export function useKindList(input: KindListInput): KindList {
  const namespaces = (): string[] => (input.view().resource.namespaced ? input.namespaces() : [])
  const shown = useShownLists(() => {
    const { group, version, resource } = input.view().resource
    return targetsIn({ cluster: input.cluster(), group, version, resource }, namespaces())
  })
  const accept = computed(() => rowsIn(namespaces()))
  function cell(row: LiveRow, column: string): unknown {
    const list = shown.lists.value.find(({ columns }) => columns.value.length > 0)
    return list?.cell(row, column)
  }
  return { ...shown, accept, cell }
}
