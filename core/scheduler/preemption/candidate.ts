import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'

/** A node that could take the pod if these others went. */
export interface Candidate {
  node: NodeInfo
  /** At least one; the most important first. */
  victims: readonly PodInfo[]
  /** How many of them a PodDisruptionBudget protects. */
  violations: number
}

/** When a pod was started, in milliseconds since the epoch; one that was not is the newest of all. */
export function startTime({ pod }: PodInfo): number {
  return pod.status?.startTime ? Date.parse(pod.status.startTime) : Infinity
}

/** Orders pods by priority, then by who runs longer (upstream: util.MoreImportantPod). */
export function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  const [first, second] = [startTime(a), startTime(b)]
  return first === second ? 0 : first - second
}
