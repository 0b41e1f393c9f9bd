import { formatBytes } from '../../api/quantity.ts'
import type { NodeUsage } from '../stats/node-usage.ts'

/** What the kubelet watches of a node, by upstream's names (pkg/kubelet/eviction/api/types.go). */
type Signal = 'memory.available' | 'nodefs.available' | 'nodefs.inodesFree'

/** The conditions of a node that say it is short of something. */
export type Pressure = 'MemoryPressure' | 'DiskPressure'

/** Below this much a node is short: an amount, or a part of all there is, but no more than `atMost`. */
interface Threshold {
  signal: Signal
  pressure: Pressure
  /** As messages name it. */
  resource: 'memory' | 'ephemeral-storage' | 'inodes'
  value: { amount: number } | { part: number; atMost?: number }
}

/**
 * Upstream's defaults (pkg/kubelet/apis/config/v1beta1 DefaultEvictionHard), memory first; but a desktop's disk is its
 * owner's, often nine tenths full, and large: what is left of it in bytes is what counts.
 */
const thresholds: readonly Threshold[] = [
  {
    signal: 'memory.available',
    pressure: 'MemoryPressure',
    resource: 'memory',
    value: { amount: 100 * 2 ** 20 },
  },
  {
    signal: 'nodefs.available',
    pressure: 'DiskPressure',
    resource: 'ephemeral-storage',
    value: { part: 0.1, atMost: 2 * 2 ** 30 },
  },
  { signal: 'nodefs.inodesFree', pressure: 'DiskPressure', resource: 'inodes', value: { part: 0.05 } },
]

/** A threshold that is met, with both amounts as messages show them. */
export interface Shortage extends Pick<Threshold, 'signal' | 'pressure' | 'resource'> {
  threshold: string
  available: string
}

interface Observation {
  available: number
  capacity: number
}

/** What the node is short of, the most urgent first; nothing of what cannot be measured. */
export function shortages(usage: Pick<NodeUsage, 'machine' | 'fileSystem'>): Shortage[] {
  return thresholds.flatMap(({ value, ...threshold }) => {
    const seen = observe(usage, threshold.signal)
    if (!seen) return []
    const limit =
      'amount' in value
        ? value.amount
        : Math.min(Math.floor(seen.capacity * value.part), value.atMost ?? Infinity)
    if (seen.available >= limit) return []
    const show = threshold.resource === 'inodes' ? String : formatBytes
    return [{ ...threshold, threshold: show(limit), available: show(seen.available) }]
  })
}

function observe(
  { machine, fileSystem }: Pick<NodeUsage, 'machine' | 'fileSystem'>,
  signal: Signal,
): Observation | undefined {
  if (signal === 'memory.available') return machine && { available: machine.availableBytes, capacity: 0 }
  if (!fileSystem) return undefined
  const { availableBytes, capacityBytes, inodes, inodesFree } = fileSystem
  if (signal === 'nodefs.available') return { available: availableBytes, capacity: capacityBytes }
  // Some file systems have as many as they need and count none.
  return inodes > 0 ? { available: inodesFree, capacity: inodes } : undefined
}
