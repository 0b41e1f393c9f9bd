import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import type { LiveTarget } from '../../core/api/live.ts'
import type { Status } from '../../core/api/status.ts'
import type { LiveList, ListState } from '../client/live-list.ts'
import { useLiveStore } from '../stores/live.ts'

export interface LiveLists {
  /** What each of the lists is of. */
  targets: Readonly<Ref<LiveTarget[]>>
  lists: Readonly<Ref<LiveList[]>>
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
  const held = shallowRef<LiveTarget[]>([])

  watch(
    () => JSON.stringify(targets()),
    () => {
      const next = targets()
      lists.value = next.map((target) => live.acquire(target))
      for (const target of held.value) live.release(target)
      held.value = next
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    for (const target of held.value) live.release(target)
  })

  const error = computed(() => lists.value.find((list) => list.state.value === 'error')?.error.value)
  const state = computed<ListState>(() => {
    if (error.value) return 'error'
    return lists.value.every((list) => list.state.value === 'ready') ? 'ready' : 'loading'
  })
  const isWhole = computed(() => lists.value.every((list) => list.isWhole.value))
  return {
    targets: held,
    lists,
    state,
    error,
    isWhole,
    retry: () => {
      for (const target of held.value) live.retry(target)
    },
  }
}
