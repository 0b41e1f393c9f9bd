import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { PortForward, PortForwardRequest } from '../../core/api/gateway.ts'
import type { Status } from '../../core/api/status.ts'
import { listPortForwards, startPortForward, stopPortForward } from '../client/gateway.ts'
import { toStatus } from '../client/http.ts'

interface ClusterForwards {
  items: PortForward[]
  state: 'loading' | 'ready' | 'error'
  error: Status | undefined
}

/** The port-forwards of each cluster, as the gateway has them. */
export const usePortForwardsStore = defineStore('port-forwards', () => {
  const clusters = shallowReactive(new Map<string, ClusterForwards>())

  function of(cluster: string): ClusterForwards {
    return clusters.get(cluster) ?? { items: [], state: 'loading', error: undefined }
  }

  async function refresh(cluster: string): Promise<void> {
    try {
      clusters.set(cluster, { items: await listPortForwards(cluster), state: 'ready', error: undefined })
    } catch (cause) {
      clusters.set(cluster, { items: of(cluster).items, state: 'error', error: toStatus(cause) })
    }
  }

  /** Starts one; throws StatusError. */
  async function start(cluster: string, request: PortForwardRequest): Promise<PortForward> {
    const forward = await startPortForward(cluster, request)
    await refresh(cluster)
    return forward
  }

  async function stop(cluster: string, id: string): Promise<void> {
    await stopPortForward(cluster, id)
    await refresh(cluster)
  }
  return { of, refresh, start, stop }
})
