import type { Pod } from '../../api/generated/core-v1.ts'
import { findCondition, isConditionTrue } from '../../api/conditions.ts'

/** Neither finished nor being deleted (upstream: controller.IsPodActive). */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && !pod.metadata.deletionTimestamp
}

/** Succeeded or Failed: it will never run again (upstream: podutil.IsPodTerminal). */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Being deleted and not yet finished (upstream: controller.IsPodTerminating). */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodTerminal(pod) && Boolean(pod.metadata.deletionTimestamp)
}

/** Whether the Ready condition is True. */
export function isPodReady(pod: Pod): boolean {
  return isConditionTrue(pod.status?.conditions, 'Ready')
}

/** When the pod became ready (ms since the epoch); undefined when it is not. */
export function readySince(pod: Pod): number | undefined {
  const condition = findCondition(pod.status?.conditions, 'Ready')
  if (condition?.status !== 'True') return undefined
  const at = Date.parse(condition.lastTransitionTime ?? '')
  return Number.isNaN(at) ? undefined : at
}

/** Ready for at least `minReadySeconds` (upstream: podutil.IsPodAvailable). */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  if (!isPodReady(pod)) return false
  if (minReadySeconds === 0) return true
  const since = readySince(pod)
  return since !== undefined && since + minReadySeconds * 1000 <= now
}

/** Highest restart count of its containers, sidecars apart (upstream: maxContainerRestarts). */
export function maxRestarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount))
}
