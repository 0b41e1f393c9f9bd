import type { Deployment, ReplicaSet } from '../../api/generated/apps-v1.ts'
import { scaledValue } from '../../api/int-or-string.ts'
import { desiredReplicasAnnotation, maxReplicasAnnotation, numberAnnotation } from './annotations.ts'

/** `spec.replicas`; the API server defaults it to 1. */
export function replicasOf(object: Deployment | ReplicaSet): number {
  return object.spec.replicas ?? 1
}

/** How far a rolling update may go over and under; both zero would never move (upstream: ResolveFenceposts). */
export interface RollingBounds {
  maxSurge: number
  maxUnavailable: number
}

export function isRolling(deployment: Deployment): boolean {
  return (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'
}

/** The bounds in pods. For Recreate there is no surge and everything may be unavailable only while it rolls. */
export function rollingBounds(deployment: Deployment): RollingBounds {
  const replicas = replicasOf(deployment)
  if (!isRolling(deployment) || replicas === 0) {
    const surge = isRolling(deployment)
      ? (scaledValue(deployment.spec.strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, 'up') ?? 0)
      : 0
    return { maxSurge: surge, maxUnavailable: 0 }
  }
  const rolling = deployment.spec.strategy?.rollingUpdate
  const maxSurge = scaledValue(rolling?.maxSurge ?? '25%', replicas, 'up') ?? 0
  const maxUnavailable = scaledValue(rolling?.maxUnavailable ?? '25%', replicas, 'down') ?? 0
  return {
    maxSurge,
    maxUnavailable: Math.min(maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable, replicas),
  }
}

/** Sum of `spec.replicas`. */
export function totalReplicas(sets: ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0)
}

/** The sets that want pods. */
export function activeSets(sets: ReplicaSet[]): ReplicaSet[] {
  return sets.filter((set) => replicasOf(set) > 0)
}

/** How many the new ReplicaSet should have now (upstream: NewRSNewReplicas). */
export function newSetReplicas(deployment: Deployment, all: ReplicaSet[], newSetNow: number): number {
  const wanted = replicasOf(deployment)
  if (!isRolling(deployment)) return wanted
  const maxTotal = wanted + rollingBounds(deployment).maxSurge
  const current = totalReplicas(all)
  if (current >= maxTotal) return newSetNow
  return newSetNow + Math.min(maxTotal - current, wanted - newSetNow)
}

/** The most pods at any time. */
export function maxReplicas(deployment: Deployment): number {
  return replicasOf(deployment) + rollingBounds(deployment).maxSurge
}

/** Whether some active set was sized for another number of replicas (upstream: isScalingEvent). */
export function isScalingEvent(deployment: Deployment, sets: ReplicaSet[]): boolean {
  return activeSets(sets).some((set) => {
    const desired = numberAnnotation(set, desiredReplicasAnnotation)
    return desired !== undefined && desired !== replicasOf(deployment)
  })
}

/** Whether the new set is fully there, so that the old ones may go (upstream: IsSaturated). */
export function isSaturated(deployment: Deployment, set: ReplicaSet | undefined): boolean {
  if (!set) return false
  const wanted = replicasOf(deployment)
  const desired = numberAnnotation(set, desiredReplicasAnnotation)
  return replicasOf(set) === wanted && desired === wanted && set.status?.availableReplicas === wanted
}

/** This set's share of `toAdd` replicas in proportion to its size (upstream: GetReplicaSetProportion). */
export function proportionOf(
  deployment: Deployment,
  set: ReplicaSet,
  { toAdd, added }: { toAdd: number; added: number },
): number {
  if (replicasOf(set) === 0 || toAdd === 0 || toAdd === added) return 0
  const share = fractionOf(deployment, set)
  const allowed = toAdd - added
  return toAdd > 0 ? Math.min(share, allowed) : Math.max(share, allowed)
}

function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const size = replicasOf(set)
  if (replicasOf(deployment) === 0) return -size
  const before = numberAnnotation(set, maxReplicasAnnotation) || (deployment.status?.replicas ?? 0)
  if (before === 0) return 0
  return Math.round((size * maxReplicas(deployment)) / before) - size
}
