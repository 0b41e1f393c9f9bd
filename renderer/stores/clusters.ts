import { useIntervalFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ClusterSummary } from '../../core/api/gateway.ts'
import type { Status } from '../../core/api/status.ts'
import { listClusters } from '../client/gateway.ts'
import { toStatus } from '../client/http.ts'

const refreshMs = 5_000

/** The clusters this window can open, asked for every few seconds while the page is seen. */
export const useClustersStore = defineStore('clusters', () => {
  const clusters = shallowRef<ClusterSummary[]>([])
  const state = ref<'loading' | 'ready' | 'error'>('loading')
  const error = shallowRef<Status>()

  async function refresh(): Promise<void> {
    try {
      const found = await listClusters()
      if (JSON.stringify(found) !== JSON.stringify(clusters.value)) clusters.value = found
      state.value = 'ready'
      error.value = undefined
    } catch (cause) {
      error.value = toStatus(cause)
      if (state.value === 'loading') state.value = 'error'
    }
  }
  useIntervalFn(() => {
    if (!document.hidden) void refresh()
  }, refreshMs)

  function byId(id: string): ClusterSummary | undefined {
    return clusters.value.find((cluster) => cluster.id === id)
  }
  return { clusters, state, error, refresh, byId }
})
