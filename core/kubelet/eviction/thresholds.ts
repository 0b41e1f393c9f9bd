import type { RuntimeUsage } from '../runtime/usage.ts'
import { reliefs } from './reliefs.ts'

type MeasuredNode = Pick<RuntimeUsage, 'machine' | 'fileSystem' | 'processIds'>

interface Observation {
  available: number
  capacity: number
}

const bytesOf = ({ fileSystem }: MeasuredNode): Observation | undefined =>
  fileSystem && { available: fileSystem.availableBytes, capacity: fileSystem.capacityBytes }

/** Some file systems have as many as they need and count none. */
const inodesOf = ({ fileSystem }: MeasuredNode): Observation | undefined =>
  fileSystem && fileSystem.inodes > 0
    ? { available: fileSystem.inodesFree, capacity: fileSystem.inodes }
    : undefined

const memoryOf = ({ machine }: MeasuredNode): Observation | undefined =>
  machine && { available: machine.availableBytes, capacity: machine.availableBytes + machine.workingSetBytes }

const processIdsOf = ({ processIds }: MeasuredNode): Observation | undefined =>
  processIds && { available: processIds.max - processIds.running, capacity: processIds.max }

/**
 * What the kubelet can watch of a node, by upstream's names (pkg/kubelet/eviction/api/types.go): the condition that tells of
 * it, the resource it is about, and how much of that there is; undefined where it cannot be measured.
 */
export const signals = {
  'memory.available': { pressure: 'MemoryPressure', resource: 'memory', observe: memoryOf },
  'nodefs.available': { pressure: 'DiskPressure', resource: 'ephemeral-storage', observe: bytesOf },
  'nodefs.inodesFree': { pressure: 'DiskPressure', resource: 'inodes', observe: inodesOf },
  // The engine keeps images beside everything else of containers: the same file system under two names, as upstream has it there.
  'imagefs.available': { pressure: 'DiskPressure', resource: 'ephemeral-storage', observe: bytesOf },
  'imagefs.inodesFree': { pressure: 'DiskPressure', resource: 'inodes', observe: inodesOf },
  'pid.available': { pressure: 'PIDPressure', resource: 'pids', observe: processIdsOf },
} as const

export type Signal = keyof typeof signals

/** The conditions of a node that say it is short of something. */
export type Pressure = (typeof signals)[Signal]['pressure']

/** What a node runs short of, as messages name it. */
export type Resource = (typeof signals)[Signal]['resource']

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
  resource: Resource
  threshold: string
  available: string
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
    const { pressure, resource, observe } = signals[of.signal]
    const seen = observe(usage)
    if (!seen) return []
    const limit = amountOf(of.value, seen.capacity)
    const reclaim = before.has(of) && of.minimumReclaim ? amountOf(of.minimumReclaim, seen.capacity) : 0
    if (seen.available >= limit + reclaim) return []
    const { show } = reliefs[resource]
    return [{ of, pressure, resource, threshold: show(limit), available: show(seen.available) }]
  })
}

/** In the unit of `capacity`. */
export function amountOf(value: Amount, capacity: number): number {
  return 'amount' in value
    ? value.amount
    : Math.min(Math.floor(capacity * value.part), value.atMost ?? Infinity)
}
