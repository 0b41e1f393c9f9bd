import type { Pod } from '../../api/generated/core-v1.ts'
import { isPodAvailable, isPodReady } from '../kit/pod-state.ts'

/** Whether the pod is in the store; the controller also handles pods it is about to create. */
export function isCreated(pod: Pod): boolean {
  return pod.metadata.uid !== undefined
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod)
}

/** What availability is judged by. */
export interface Availability {
  minReadySeconds: number
  /** Milliseconds since the epoch. */
  now: number
}

export function isRunningAndAvailable(pod: Pod, { minReadySeconds, now }: Availability): boolean {
  return pod.status?.phase === 'Running' && isPodAvailable(pod, minReadySeconds, now)
}

/** Not there, not available or on its way out. */
export function isUnavailable(pod: Pod, availability: Availability): boolean {
  return !isRunningAndAvailable(pod, availability) || isTerminating(pod)
}
