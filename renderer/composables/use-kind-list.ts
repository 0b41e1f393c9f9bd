import { computed, type ComputedRef } from 'vue'
import type { LiveRow, LiveTarget } from '../../core/api/live.ts'
import type { KindView } from '../kit/kind-view.ts'
import { useLiveLists, type LiveLists } from './use-live-lists.ts'

/** Up to so many namespaces get a subscription each; more are one list of all, filtered here. */
const separateNamespaces = 4

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
  const isSeparate = computed(
    () =>
      input.view().resource.namespaced &&
      input.namespaces().length > 0 &&
      input.namespaces().length <= separateNamespaces,
  )
  const live = useLiveLists(() => {
    const { group, version, resource } = input.view().resource
    const target: LiveTarget = { cluster: input.cluster(), group, version, resource }
    if (!isSeparate.value) return [target]
    return input.namespaces().map((namespace) => ({ ...target, namespace }))
  })
  const accept = computed<(row: LiveRow) => boolean>(() => {
    if (isSeparate.value || !input.view().resource.namespaced || input.namespaces().length === 0)
      return () => true
    const wanted = new Set(input.namespaces())
    return (row) => wanted.has(row.namespace ?? '')
  })
  function cell(row: LiveRow, column: string): unknown {
    const list = live.lists.value.find(({ columns }) => columns.value.length > 0)
    return list?.cell(row, column)
  }
  return { ...live, accept, cell }
}
