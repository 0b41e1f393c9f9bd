import { computed, type ComputedRef } from 'vue'
import type { LiveTarget } from '../../core/api/live.ts'
import type { Status } from '../../core/api/status.ts'
import type { LiveList, ListState } from '../client/live-list.ts'
import { useLiveLists, type LiveLists } from './use-live-lists.ts'

/** A namespace whose objects cannot be shown, and why. */
export interface MissingNamespace {
  namespace: string
  error: Status
}

/** As LiveLists, but one namespace that is refused keeps no other from being shown. */
export interface ShownLists extends LiveLists {
  missing: ComputedRef<MissingNamespace[]>
}

/** The live lists of a kind's namespaces, as far as they may be seen; an error only where none may. */
export function useShownLists(targets: () => LiveTarget[]): ShownLists {
  const live = useLiveLists(targets)
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
  const error = computed(() => (areAllLost.value ? live.error.value : undefined))
  const missing = computed<MissingNamespace[]>(() => {
    if (areAllLost.value) return []
    return live.lists.value.flatMap((list, index) => {
      const namespace = live.targets.value[index]?.namespace
      const reason = hasFailed(list) ? list.error.value : undefined
      return namespace && reason ? [{ namespace, error: reason }] : []
    })
  })
  const isWhole = computed(() => lists.value.every((list) => list.isWhole.value))
  return { ...live, lists, state, error, isWhole, missing }
}
