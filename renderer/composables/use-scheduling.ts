import { useIntervalFn } from '@vueuse/core'
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { Explanation } from '../../core/api/scheduling.ts'
import type { Status } from '../../core/api/status.ts'
import { explainScheduling } from '../client/gateway.ts'
import { toStatus } from '../client/http.ts'

export interface SchedulingWatch {
  explanation: ShallowRef<Explanation | undefined>
  /** `none`: the scheduler has not tried yet, has forgotten, or is not ours. */
  state: Ref<'loading' | 'ready' | 'none' | 'error'>
  error: ShallowRef<Status | undefined>
}

const refreshMs = 3_000

/** How the latest attempt to place a pod went, asked for anew every few seconds and with each change of the pod. */
export function useScheduling(
  cluster: string,
  pod: () => { namespace: string; name: string; version: string },
): SchedulingWatch {
  const explanation = shallowRef<Explanation>()
  const state = ref<'loading' | 'ready' | 'none' | 'error'>('loading')
  const error = shallowRef<Status>()

  async function refresh(): Promise<void> {
    try {
      explanation.value = await explainScheduling(cluster, pod())
      error.value = undefined
      state.value = 'ready'
    } catch (cause) {
      error.value = toStatus(cause)
      if (error.value.code === 404) state.value = 'none'
      else if (state.value !== 'ready') state.value = 'error'
    }
  }
  watch(() => JSON.stringify(pod()), refresh, { immediate: true })
  useIntervalFn(() => {
    if (!document.hidden) void refresh()
  }, refreshMs)
  return { explanation, state, error }
}
