import type { Pod } from '../../api/generated/core-v1.ts'
import { formatBytes, quantityValue } from '../../api/quantity.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { KubeletSettings } from '../kubelet-settings.ts'
import type { EventText } from '../pods/pod-events.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { KubeletStats } from '../stats/kubelet-stats.ts'
import type { MeasuredPod } from './rank-pods.ts'
import { reliefs, type Relief } from './reliefs.ts'
import { hasStorageLimit, storageLimitProblem } from './storage-limits.ts'
import { shortages } from './thresholds.ts'
import type { Pressure, Shortage, Threshold } from './thresholds.ts'

/** Keeps a node from running out of memory and disk: tells of it, and ends pods when nothing else helps. */
export interface EvictionManager extends Disposable {
  start(): void
  /** What the node is short of, or was a short while ago. */
  pressures(): ReadonlySet<Pressure>
}

interface EvictionManagerOptions {
  runtime: Pick<Runtime, 'usage'>
  stats: Pick<KubeletStats, 'summary'>
  /** The pods that hold resources of the node. */
  activePods: () => Pod[]
  /** With this much time to end; a short moment when absent. */
  evict: (uid: string, message: string, graceSeconds?: number) => void
  /** Told by what signal a pod is evicted. */
  onEvicted?: (signal: string) => void
  settings: Pick<
    KubeletSettings,
    'evictionThresholds' | 'evictionTransitionMs' | 'evictionMaxPodGraceSeconds'
  >
  /** Gives back disk that no pod needs. */
  reclaimDisk: () => Promise<void>
  tellNode: (event: EventText) => void
  onPressureChange: () => void
  clock: Clock
  log: Logger
}

/** Upstream: the eviction manager's monitoring interval. */
const monitorPeriodMs = 10_000

/** A manager that measures the node as a whole now and then, and its pods only when one has to go or has a limit. */
export function createEvictionManager(options: EvictionManagerOptions): EvictionManager {
  const { runtime, stats, activePods, settings, clock, log } = options
  const seenAt = new Map<Pressure, number>()
  /** Since when thresholds have been met, for the grace periods of soft ones. */
  const metSince = new Map<Threshold, number>()
  let current: ReadonlySet<Pressure> = new Set()
  let timer: Disposable | undefined
  let working = false

  async function monitor(): Promise<void> {
    await enforceLimits()
    const short = await measure()
    updatePressures(short)
    const urgent = short.find(({ of }) => isDue(of))
    if (urgent) await relieve(urgent)
  }

  async function measure(): Promise<Shortage[]> {
    const usage = await runtime.usage({ containers: [], sandboxes: [] })
    const short = shortages(usage, settings.evictionThresholds, new Set(metSince.keys()))
    const met = new Set(short.map(({ of }) => of))
    for (const threshold of metSince.keys()) if (!met.has(threshold)) metSince.delete(threshold)
    for (const threshold of met) if (!metSince.has(threshold)) metSince.set(threshold, clock.now())
    return short
  }

  function isDue(threshold: Threshold): boolean {
    return clock.now() - (metSince.get(threshold) ?? clock.now()) >= (threshold.graceMs ?? 0)
  }

  function updatePressures(short: Shortage[]): void {
    const now = clock.now()
    for (const { pressure } of short) seenAt.set(pressure, now)
    for (const [pressure, at] of seenAt)
      if (now - at >= settings.evictionTransitionMs) seenAt.delete(pressure)
    const next = new Set(seenAt.keys())
    const isSame = next.size === current.size && [...next].every((one) => current.has(one))
    current = next
    if (!isSame) options.onPressureChange()
  }

  /** One pod at a time: what its end gives back shows in the next measurement. */
  async function relieve(shortage: Shortage): Promise<void> {
    const { resource } = shortage
    const message = `Attempting to reclaim ${resource}`
    options.tellNode({ type: 'Warning', reason: 'EvictionThresholdMet', message })
    const relief: Relief = reliefs[resource]
    if (relief.reclaimsDisk) {
      await options.reclaimDisk()
      const still = await measure()
      if (!still.some(({ of }) => of === shortage.of)) return
    }
    const [first] = relief.rank(await measurePods(relief))
    if (first) {
      const uid = first.pod.metadata.uid ?? ''
      options.onEvicted?.(shortage.of.signal)
      options.evict(uid, evictionMessage(first, shortage), graceOf(first.pod, shortage.of))
    } else log.error('the node runs short and has no pod that could be evicted', { resource })
  }

  /** What a soft threshold lets a pod have of its own grace period. */
  function graceOf({ spec }: Pod, { graceMs }: Threshold): number | undefined {
    if (graceMs === undefined) return undefined
    return Math.min(
      settings.evictionMaxPodGraceSeconds,
      Number(spec.terminationGracePeriodSeconds ?? Infinity),
    )
  }

  async function measurePods({ needsDisk, used, usedBy }: Relief): Promise<MeasuredPod[]> {
    const { pods } = await stats.summary(!needsDisk)
    return activePods().flatMap((pod) => {
      const found = pods.find(({ podRef }) => podRef.uid === pod.metadata.uid)
      if (!found) return []
      const containers = found.containers.map((one) => ({ name: one.name, used: usedBy(one) }))
      return [{ pod, used: used(found), containers }]
    })
  }

  async function enforceLimits(): Promise<void> {
    const limited = activePods().filter(hasStorageLimit)
    if (limited.length === 0) return
    const { pods } = await stats.summary()
    for (const pod of limited) {
      const found = pods.find(({ podRef }) => podRef.uid === pod.metadata.uid)
      const problem = found && storageLimitProblem(pod, found)
      if (!problem) continue
      options.onEvicted?.(problem.signal)
      options.evict(pod.metadata.uid ?? '', problem.message)
    }
  }

  return {
    start() {
      timer = clock.every(monitorPeriodMs, () => {
        if (working) return
        working = true
        monitor()
          .catch((error: unknown) => log.debug('the node could not be measured', { error }))
          .finally(() => (working = false))
      })
    },
    pressures: () => current,
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  }
}

/** Upstream: eviction helpers evictionMessage. */
function evictionMessage({ pod, containers }: MeasuredPod, shortage: Shortage): string {
  const { resource, threshold, available } = shortage
  let message = `The node was low on resource: ${resource}. Threshold quantity: ${threshold}, available: ${available}. `
  const { requested }: Relief = reliefs[resource]
  if (!requested) return message
  for (const { name, resources } of pod.spec.containers) {
    const used = containers.find((container) => container.name === name)?.used ?? 0
    const request = resources?.requests?.[requested]
    if (used <= quantityValue(request)) continue
    message += `Container ${name} was using ${formatBytes(used)}, request is ${request ?? 0}, has larger consumption of ${resource}. `
  }
  return message
}
