import type { Pod } from '../../api/generated/core-v1.ts'
import { isPodReady, maxRestarts, readySince } from './pod-state.ts'

export interface RankedPod {
  pod: Pod
  /** How many active pods of the same workload are on its node: crowded nodes are thinned out first. */
  rank: number
}

const phaseOrder: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 }
const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[costAnnotation]
  return text !== undefined && /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0
}

/** Ages are compared by order of magnitude, so that near-equal ones fall to chance (upstream: LogarithmicScaleDown). */
function logAge(at: number | undefined, now: number): number {
  if (at === undefined) return -1
  const age = now - at
  return age <= 0 ? 0 : Math.floor(Math.log2(age * 1e6))
}

function compare(a: RankedPod, b: RankedPod, now: number): number {
  const assigned = Number(Boolean(a.pod.spec.nodeName)) - Number(Boolean(b.pod.spec.nodeName))
  if (assigned !== 0) return assigned
  const phase = (phaseOrder[a.pod.status?.phase ?? ''] ?? 0) - (phaseOrder[b.pod.status?.phase ?? ''] ?? 0)
  if (phase !== 0) return phase
  const ready = Number(isPodReady(a.pod)) - Number(isPodReady(b.pod))
  if (ready !== 0) return ready
  const cost = deletionCost(a.pod) - deletionCost(b.pod)
  if (cost !== 0) return cost
  if (a.rank !== b.rank) return b.rank - a.rank
  if (isPodReady(a.pod) && isPodReady(b.pod)) {
    const age = logAge(readySince(a.pod), now) - logAge(readySince(b.pod), now)
    if (age !== 0) return age
  }
  const restarts = maxRestarts(b.pod) - maxRestarts(a.pod)
  if (restarts !== 0) return restarts
  const created = (pod: Pod): number => logAge(Date.parse(pod.metadata.creationTimestamp ?? ''), now)
  const age = created(a.pod) - created(b.pod)
  if (age !== 0) return age
  return (a.pod.metadata.uid ?? '') < (b.pod.metadata.uid ?? '') ? -1 : 1
}

/**
 * The pods in the order they should go: unassigned, pending, not ready, cheap by annotation, on crowded nodes, ready
 * only lately, often restarted, young (upstream: controller.ActivePodsWithRanks).
 */
export function inDeletionOrder(pods: RankedPod[], now: number): Pod[] {
  return [...pods].sort((a, b) => compare(a, b, now)).map(({ pod }) => pod)
}
