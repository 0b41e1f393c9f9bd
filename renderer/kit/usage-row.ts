import type { LiveRow } from '../../core/api/live.ts'
import type { ClusterUsage, PodUsage } from '../stores/usage.ts'
import type { Usage } from './amount.ts'

/** Whose usage is asked for, and what it is measured against; amounts of 0 stand for none. */
export interface UsageSubject {
  kind: 'pod' | 'node' | 'namespace'
  /** `namespace/name` of a pod, else the name. */
  key: string
  requests?: Usage | undefined
  limits?: Usage | undefined
}

const byNamespace = new WeakMap<ReadonlyMap<string, PodUsage>, Map<string, Usage>>()

/** The latest usage by namespace: the sum of its pods'. */
function namespaceUsage(pods: ReadonlyMap<string, PodUsage>): Map<string, Usage> {
  let sums = byNamespace.get(pods)
  if (!sums) {
    sums = new Map()
    for (const [key, { milliCpu, memory }] of pods) {
      const namespace = key.slice(0, key.indexOf('/'))
      const sum = sums.get(namespace) ?? { milliCpu: 0, memory: 0 }
      sums.set(namespace, { milliCpu: sum.milliCpu + milliCpu, memory: sum.memory + memory })
    }
    byNamespace.set(pods, sums)
  }
  return sums
}

/** What a subject uses now; undefined while it has not been measured. */
export function readUsage({ pods, nodes }: ClusterUsage, { kind, key }: UsageSubject): Usage | undefined {
  if (kind === 'node') return nodes.latest.get(key)
  return kind === 'pod' ? pods.latest.get(key) : namespaceUsage(pods.latest).get(key)
}

/** The subject of a pod's row. */
export function podSubject({ namespace = '', name, data }: LiveRow): UsageSubject {
  const { requests, limits } = (data ?? {}) as { requests?: Usage; limits?: Usage }
  return { kind: 'pod', key: `${namespace}/${name}`, requests, limits }
}
