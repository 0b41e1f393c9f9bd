import { formatBytes } from '../../api/quantity.ts'
import type { RuntimeUsage } from '../runtime/usage.ts'

/** What the kubelet can watch of a node, by upstream's names (pkg/kubelet/eviction/api/types.go), and what each is about. */
export const signals = {
  'memory.available': { pressure: 'MemoryPressure', resource: 'memory' },
  'nodefs.available': { pressure: 'DiskPressure', resource: 'ephemeral-storage' },
  'nodefs.inodesFree': { pressure: 'DiskPressure', resource: 'inodes' },
  // The engine keeps images beside everything else of containers: the same file system under two names, as upstream has it there.
  'imagefs.available': { pressure: 'DiskPressure', resource: 'ephemeral-storage' },
  'imagefs.inodesFree': { pressure: 'DiskPressure', resource: 'inodes' },
  'pid.available': { pressure: 'PIDPressure', resource: 'pids' },
} as const

export type Signal = keyof typeof signals

/** The conditions of a node that say it is short of something. */
export type Pressure = (typeof signals)[Signal]['pressure']

/** An amount, or a part of all there is, but no more than `atMost`. */
export type Amount = { amount: number } | { part: number; atMost?: number }

/** Below this much a node is short. */
export interface Threshold {
  signal: Signal
  value: Amount
  /** How long it has to be met before pods are evicted; absent for a hard one: at once. */
  graceMs?: number
  /** Once met, it stays so until this much more than it is there. */
  minimumReclaim?: Amount
}

/**
 * Upstream's defaults (pkg/kubelet/apis/config/v1beta1 DefaultEvictionHard), memory first; but a desktop's disk is its
 * owner's, often nine tenths full, and large: what is left of it in bytes is what counts.
 */
export const defaultThresholds: readonly Threshold[] = [
  { signal: 'memory.available', value: { amount: 100 * 2 ** 20 } },
  { signal: 'nodefs.available', value: { part: 0.1, atMost: 2 * 2 ** 30 } },
  { signal: 'nodefs.inodesFree', value: { part: 0.05 } },
]

/** A threshold that is met, with both amounts as messages show them. */
export interface Shortage {
  of: Threshold
  pressure: Pressure
  /** As messages name it. */
  resource: 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'
  threshold: string
  available: string
}

type MeasuredNode = Pick<RuntimeUsage, 'machine' | 'fileSystem' | 'processIds'>

interface Observation {
  available: number
  capacity: number
}

/**
 * What the node is short of, in the order of the thresholds; nothing of what cannot be measured. Those of `before` are only over
 * when there is their minimum reclaim beyond them.
 */
export function shortages(
  usage: MeasuredNode,
  thresholds: readonly Threshold[],
  before: ReadonlySet<Threshold> = new Set(),
): Shortage[] {
  return thresholds.flatMap((of) => {
    const seen = observe(usage, of.signal)
    if (!seen) return []
    const limit = amountOf(of.value, seen.capacity)
    const reclaim = before.has(of) && of.minimumReclaim ? amountOf(of.minimumReclaim, seen.capacity) : 0
    if (seen.available >= limit + reclaim) return []
    const { pressure, resource } = signals[of.signal]
    const show = resource === 'inodes' || resource === 'pids' ? String : formatBytes
    return [{ of, pressure, resource, threshold: show(limit), available: show(seen.available) }]
  })
}

function amountOf(value: Amount, capacity: number): number {
  return 'amount' in value
    ? value.amount
    : Math.min(Math.floor(capacity * value.part), value.atMost ?? Infinity)
}

function observe({ machine, fileSystem, processIds }: MeasuredNode, signal: Signal): Observation | undefined {
  if (signal === 'memory.available') {
    return (
      machine && {
        available: machine.availableBytes,
        capacity: machine.availableBytes + machine.workingSetBytes,
      }
    )
  }
  if (signal === 'pid.available') {
    return processIds && { available: processIds.max - processIds.running, capacity: processIds.max }
  }
  if (!fileSystem) return undefined
  const { availableBytes, capacityBytes, inodes, inodesFree } = fileSystem
  if (signal.endsWith('.available')) return { available: availableBytes, capacity: capacityBytes }
  // Some file systems have as many as they need and count none.
  return inodes > 0 ? { available: inodesFree, capacity: inodes } : undefined
}
