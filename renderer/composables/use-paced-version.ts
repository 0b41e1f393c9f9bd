import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { LiveList } from '../client/live-list.ts'

/** Lists of more rows are told of at most every `pauseMs`. */
const longList = 1_000
const pauseMs = 500

/**
 * Grows with the version of a list, for what reads all of its rows each time: with every frame that changes a short list, at most twice a
 * second for a long one. The last change is always told.
 */
export function usePacedVersion(list: () => LiveList | undefined): ShallowRef<number> {
  const paced = shallowRef(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  function take(): void {
    clearTimeout(timer)
    timer = undefined
    paced.value++
  }
  watch(
    () => [list(), list()?.version.value] as const,
    ([current], [before]) => {
      if (current !== before || (current?.rows.size ?? 0) <= longList) take()
      else timer ??= setTimeout(take, pauseMs)
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => clearTimeout(timer))
  return paced
}
