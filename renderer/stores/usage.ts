import { useIntervalFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { markRaw, shallowReactive } from 'vue'
import type { KubeList } from '../../core/api/meta.ts'
import { metricsResources, type NodeMetrics, type PodMetrics } from '../../core/api/resource-metrics.ts'
import type { Status } from '../../core/api/status.ts'
import { sendJson, toStatus } from '../client/http.ts'
import { kubePath } from '../client/kube-path.ts'
import { UsageHistory } from '../client/usage-history.ts'
import { sumUsage, usageOf, type Usage } from '../kit/amount.ts'

/** `waiting`: served, but nothing has been measured yet. `missing`: the cluster has no metrics API. */
export type UsageState = 'loading' | 'waiting' | 'ready' | 'missing' | 'forbidden' | 'error'

export interface PodUsage extends Usage {
  containers: Map<string, Usage>
}

/** What is known of one kind's usage; replaced whole by each answer. */
export interface UsageSource<T extends Usage = Usage> {
  state: UsageState
  error: Status | undefined
  /** The latest amounts: pods by `namespace/name`, nodes by name. */
  latest: ReadonlyMap<string, T>
  history: UsageHistory
}

export interface ClusterUsage {
  pods: UsageSource<PodUsage>
  nodes: UsageSource
}

const refreshMs = 10_000
const historyOptions = { spanMs: 3_600_000, gapMs: 45_000, mostValues: 2_000_000 }

function emptySource<T extends Usage>(): UsageSource<T> {
  return {
    state: 'loading',
    error: undefined,
    latest: markRaw(new Map<string, T>()),
    history: markRaw(new UsageHistory(historyOptions)),
  }
}

function podUsageOf({ containers }: PodMetrics): PodUsage {
  const byName = new Map(containers.map(({ name, usage }) => [name, usageOf(usage)]))
  return { ...sumUsage(byName.values()), containers: byName }
}

function failedState({ code }: Status): UsageState {
  if (code === 403 || code === 401) return 'forbidden'
  return code === 404 || code === 503 ? 'missing' : 'error'
}

/**
 * What pods and nodes use (metrics.k8s.io, which knows no watch): asked for every few seconds while the page of the
 * cluster is open and seen, and remembered for an hour.
 */
export const useUsageStore = defineStore('usage', () => {
  const clusters = shallowReactive(new Map<string, ClusterUsage>())
  const followed = new Map<string, number>()

  function of(cluster: string): ClusterUsage {
    let usage = clusters.get(cluster)
    if (!usage) {
      usage = shallowReactive({ pods: emptySource<PodUsage>(), nodes: emptySource() })
      clusters.set(cluster, usage)
    }
    return usage
  }

  /** The source after an answer, or after the failure to get one. */
  async function next<T extends Usage>(
    source: UsageSource<T>,
    read: () => Promise<Map<string, T>>,
  ): Promise<UsageSource<T>> {
    const { history } = source
    try {
      const latest = markRaw(await read())
      if (latest.size) history.record(Date.now(), latest)
      return { state: latest.size ? 'ready' : 'waiting', error: undefined, latest, history }
    } catch (cause) {
      const error = toStatus(cause)
      const state = failedState(error)
      // One failed request does not make what was measured seconds ago untrue.
      const isPassing = state === 'error' && source.state === 'ready'
      return isPassing
        ? { ...source, error }
        : { ...source, state, error, latest: markRaw(new Map<string, T>()) }
    }
  }

  /** Asks for the usage of a cluster now. */
  async function refresh(cluster: string): Promise<void> {
    const usage = of(cluster)
    const [pods, nodes] = await Promise.all([
      next(usage.pods, async () => {
        const { items } = await sendJson<KubeList<PodMetrics>>(kubePath(cluster, metricsResources.pods))
        return new Map(
          items.map((item) => [`${item.metadata.namespace}/${item.metadata.name}`, podUsageOf(item)]),
        )
      }),
      next(usage.nodes, async () => {
        const { items } = await sendJson<KubeList<NodeMetrics>>(kubePath(cluster, metricsResources.nodes))
        return new Map(items.map(({ metadata, usage: amounts }) => [metadata.name, usageOf(amounts)]))
      }),
    ])
    usage.pods = pods
    usage.nodes = nodes
  }

  useIntervalFn(() => {
    if (document.hidden) return
    for (const cluster of followed.keys()) void refresh(cluster)
  }, refreshMs)

  /** Keeps the usage of a cluster up to date until the returned function is called. */
  function follow(cluster: string): () => void {
    followed.set(cluster, (followed.get(cluster) ?? 0) + 1)
    void refresh(cluster)
    return () => {
      const users = (followed.get(cluster) ?? 1) - 1
      if (users > 0) followed.set(cluster, users)
      else followed.delete(cluster)
    }
  }
  return { of, refresh, follow }
})
