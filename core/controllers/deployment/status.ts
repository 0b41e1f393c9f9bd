import { findCondition } from '../../api/conditions.ts'
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from '../../api/generated/apps-v1.ts'
import { rfc3339 } from '../../util/clock.ts'
import { reasons, withCondition, withoutCondition, withRenewedCondition } from './conditions.ts'
import { replicasOf, rollingBounds } from './sizes.ts'

/** Upstream: a deadline of the largest int32 means none. */
const noDeadline = 2 ** 31 - 1

export interface RolloutState {
  deployment: Deployment
  newSet: ReplicaSet | undefined
  oldSets: ReplicaSet[]
  /** Milliseconds since the epoch. */
  now: number
}

/** Whether a rollout may fail by taking too long. */
export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds
  return seconds !== undefined && seconds !== noDeadline
}

function sum(
  sets: ReplicaSet[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas',
): number {
  return sets.reduce((total, set) => total + (set.status?.[field] ?? 0), 0)
}

function allSets({ newSet, oldSets }: RolloutState): ReplicaSet[] {
  return newSet ? [...oldSets, newSet] : oldSets
}

/** Counts and the Available condition (upstream: calculateStatus); other conditions are kept. */
export function countedStatus(state: RolloutState): DeploymentStatus {
  const { deployment, newSet, now } = state
  const sets = allSets(state)
  const total = sets.reduce((count, set) => count + replicasOf(set), 0)
  const availableReplicas = sum(sets, 'availableReplicas')
  const isAvailable = availableReplicas >= replicasOf(deployment) - rollingBounds(deployment).maxUnavailable
  const status: DeploymentStatus = {
    replicas: sum(sets, 'replicas'),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum(sets, 'readyReplicas'),
    availableReplicas,
    unavailableReplicas: Math.max(0, total - availableReplicas),
    terminatingReplicas: sum(sets, 'terminatingReplicas'),
    conditions: withCondition(
      deployment.status?.conditions ?? [],
      isAvailable
        ? {
            type: 'Available',
            status: 'True',
            reason: reasons.available,
            message: 'Deployment has minimum availability.',
          }
        : {
            type: 'Available',
            status: 'False',
            reason: reasons.unavailable,
            message: 'Deployment does not have minimum availability.',
          },
      rfc3339(now),
    ),
  }
  if (deployment.metadata.generation !== undefined) status.observedGeneration = deployment.metadata.generation
  if (deployment.status?.collisionCount !== undefined)
    status.collisionCount = deployment.status.collisionCount
  return status
}

/** Everything is updated, available and nothing old is left (upstream: DeploymentComplete). */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(deployment)
  return (
    status.updatedReplicas === wanted &&
    status.replicas === wanted &&
    status.availableReplicas === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

function isProgressing(old: DeploymentStatus, next: DeploymentStatus): boolean {
  const oldOld = (old.replicas ?? 0) - (old.updatedReplicas ?? 0)
  const nextOld = (next.replicas ?? 0) - (next.updatedReplicas ?? 0)
  return (
    (next.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    nextOld < oldOld ||
    (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  )
}

function deadlineOf(deployment: Deployment, condition: DeploymentCondition): number {
  return Date.parse(condition.lastUpdateTime ?? '') + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000
}

function isTimedOut({ deployment, now }: RolloutState, status: DeploymentStatus): boolean {
  const condition = findCondition(status.conditions, 'Progressing')
  if (!condition || condition.reason === reasons.newSetAvailable) return false
  return condition.reason === reasons.timedOut || deadlineOf(deployment, condition) < now
}

/** The status of a rollout with its Progressing and ReplicaFailure conditions (upstream: syncRolloutStatus). */
export function rolloutStatus(state: RolloutState): DeploymentStatus {
  const { deployment } = state
  const status = countedStatus(state)
  status.conditions = withReplicaFailure(withProgress(state, status), state)
  if (!hasProgressDeadline(deployment)) status.conditions = withoutCondition(status.conditions, 'Progressing')
  return status
}

function withProgress(state: RolloutState, status: DeploymentStatus): DeploymentCondition[] {
  const { deployment, newSet } = state
  const now = rfc3339(state.now)
  const conditions = status.conditions ?? []
  const current = findCondition(deployment.status?.conditions, 'Progressing')
  const wasComplete =
    status.replicas === status.updatedReplicas && current?.reason === reasons.newSetAvailable
  if (!hasProgressDeadline(deployment) || wasComplete) return conditions
  const subject = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  const type = 'Progressing'
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`
    return withCondition(conditions, { type, status: 'True', reason: reasons.newSetAvailable, message }, now)
  }
  if (isProgressing(deployment.status ?? {}, status)) {
    const message = `${subject} is progressing.`
    // Each step forward begins the deadline anew.
    return withRenewedCondition(
      conditions,
      { type, status: 'True', reason: reasons.setUpdated, message },
      now,
    )
  }
  if (isTimedOut(state, status)) {
    const message = `${subject} has timed out progressing.`
    return withCondition(conditions, { type, status: 'False', reason: reasons.timedOut, message }, now)
  }
  return conditions
}

function withReplicaFailure(conditions: DeploymentCondition[], state: RolloutState): DeploymentCondition[] {
  const failureOf = (set: ReplicaSet): DeploymentCondition | undefined =>
    findCondition(set.status?.conditions, 'ReplicaFailure')
  const fromNew = state.newSet && failureOf(state.newSet)
  const failure = fromNew ?? state.oldSets.map(failureOf).find((condition) => condition !== undefined)
  if (!failure) return withoutCondition(conditions, 'ReplicaFailure')
  const { status, reason = '', message = '' } = failure
  return withCondition(
    conditions,
    { type: 'ReplicaFailure', status: status as 'True', reason, message },
    rfc3339(state.now),
  )
}

/** When to look again for an exceeded deadline, in ms; undefined when nothing is due (upstream: requeueStuckDeployment). */
export function deadlineCheckAfterMs(state: RolloutState, status: DeploymentStatus): number | undefined {
  const { deployment, now } = state
  const condition = findCondition(status.conditions, 'Progressing')
  if (!hasProgressDeadline(deployment) || !condition || isComplete(deployment, status)) return undefined
  if (condition.reason === reasons.newSetAvailable || condition.reason === reasons.timedOut) return undefined
  // Time stamps have whole seconds: one more makes sure that it has passed.
  return Math.max(deadlineOf(deployment, condition) - now, 0) + 1000
}
