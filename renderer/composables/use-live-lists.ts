import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { LiveTarget } from '../../core/api/live.ts'
import type { Status } from '../../core/api/status.ts'
import type { LiveList, ListState } from '../client/live-list.ts'
import { useLiveStore } from '../stores/live.ts'

export interface LiveLists {
  lists: ShallowRef<LiveList[]>
  /** `ready` once every list is; `error` as soon as one is. */
  state: ComputedRef<ListState>
  error: ComputedRef<Status | undefined>
  /** False while only the beginning of a long list is there. */
  isWhole: ComputedRef<boolean>
  retry(): void
}

/** The live lists of the targets, held while the caller's scope lives; follows changes of the targets. */
export function useLiveLists(targets: () => LiveTarget[]): LiveLists {
  const live = useLiveStore()
  const lists = shallowRef<LiveList[]>([])
  let held: LiveTarget[] = []

  watch(
    () => JSON.stringify(targets()),
    () => {
      const next = targets()
      lists.value = next.map((target) => live.acquire(target))
      for (const target of held) live.release(target)
      held = next
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    for (const target of held) live.release(target)
  })

  const error = computed(() => lists.value.find((list) => list.state.value === 'error')?.error.value)
  const state = computed<ListState>(() => {
    if (error.value) return 'error'
    return lists.value.every((list) => list.state.value === 'ready') ? 'ready' : 'loading'
  })
  const isWhole = computed(() => lists.value.every((list) => list.isWhole.value))
  return {
    lists,
    state,
    error,
    isWhole,
    retry: () => {
      for (const target of held) live.retry(target)
    },
  }
}
