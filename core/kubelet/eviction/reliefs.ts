import { formatBytes } from '../../api/quantity.ts'
import type { ContainerStats, PodStats } from '../stats/summary-api.ts'
import { rankByProcesses, rankPods } from './rank-pods.ts'
import type { MeasuredPod } from './rank-pods.ts'

/** What is done about a node that is short of something. */
export interface Relief {
  /** An amount as messages show it. */
  show: (amount: number) => string
  /** Whether what no pod needs can be given back first: images and dead containers. */
  reclaimsDisk: boolean
  /** Whether files of pods have to be measured to see who uses most. */
  needsDisk: boolean
  /** What a pod uses of it, and what one of its containers does. */
  used: (pod: PodStats) => number
  usedBy: (container: ContainerStats) => number
  /** The pods in the order in which they go. */
  rank: (pods: MeasuredPod[]) => MeasuredPod[]
  /** The resource that containers ask for and messages compare with; absent where there is none. */
  requested?: 'memory' | 'ephemeral-storage'
}

const storage: Relief = {
  show: formatBytes,
  reclaimsDisk: true,
  needsDisk: true,
  used: (pod) => pod['ephemeral-storage']?.usedBytes ?? 0,
  usedBy: ({ rootfs }) => rootfs?.usedBytes ?? 0,
  rank: (pods) => rankPods(pods, 'ephemeral-storage'),
  requested: 'ephemeral-storage',
}

const { requested: _, ...unasked } = storage

/** By what the node is short of (upstream: eviction helpers buildSignalToRankFunc and buildSignalToNodeReclaimFuncs). */
export const reliefs = {
  memory: {
    show: formatBytes,
    reclaimsDisk: false,
    needsDisk: false,
    used: ({ memory }) => memory?.workingSetBytes ?? 0,
    usedBy: ({ memory }) => memory.workingSetBytes,
    rank: (pods) => rankPods(pods, 'memory'),
    requested: 'memory',
  },
  'ephemeral-storage': storage,
  inodes: { ...unasked, show: String },
  pids: {
    show: String,
    reclaimsDisk: false,
    needsDisk: false,
    used: (pod) => pod.process_stats?.process_count ?? 0,
    usedBy: () => 0,
    rank: rankByProcesses,
  },
} as const satisfies Record<string, Relief>
