import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { LiveList } from '../client/live-list.ts'

/** Lists of more rows are told of at most every `pauseMs`. */
const longList = 1_000
const pauseMs = 500

/**
 * Grows with the versions of some lists, for what reads all of their rows each time: with every frame that changes short ones, at most
 * twice a second for long ones. The last change is always told.
 */
export function usePacedVersion(lists: () => readonly LiveList[]): ShallowRef<number> {
  const paced = shallowRef(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  function take(): void {
    clearTimeout(timer)
    timer = undefined
    paced.value++
  }
  watch(
    () => [lists(), lists().reduce((sum, { version }) => sum + version.value, 0)] as const,
    ([current], [before]) => {
      if (current !== before || current.reduce((sum, { rows }) => sum + rows.size, 0) <= longList) take()
      else timer ??= setTimeout(take, pauseMs)
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => clearTimeout(timer))
  return paced
}
