import { findCondition } from '../../api/conditions.ts'
import type { DeploymentCondition } from '../../api/generated/apps-v1.ts'

/** Reasons of the Progressing and Available conditions, as upstream names them; kubectl reads them. */
export const reasons = {
  newSetCreated: 'NewReplicaSetCreated',
  foundNewSet: 'FoundNewReplicaSet',
  newSetAvailable: 'NewReplicaSetAvailable',
  setUpdated: 'ReplicaSetUpdated',
  setCreateError: 'ReplicaSetCreateError',
  timedOut: 'ProgressDeadlineExceeded',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
  available: 'MinimumReplicasAvailable',
  unavailable: 'MinimumReplicasUnavailable',
} as const

export interface ConditionText {
  type: 'Progressing' | 'Available' | 'ReplicaFailure'
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
}

/**
 * The list with the condition set at `now`. One of the same status and reason stays as it is; the same status keeps its
 * transition time (upstream: SetDeploymentCondition).
 */
export function withCondition(
  conditions: DeploymentCondition[],
  text: ConditionText,
  now: string,
): DeploymentCondition[] {
  const current = findCondition(conditions, text.type)
  if (current?.status === text.status && current.reason === text.reason) return conditions
  const since = current?.status === text.status ? (current.lastTransitionTime ?? now) : now
  const condition = { ...text, lastUpdateTime: now, lastTransitionTime: since }
  return [...withoutCondition(conditions, text.type), condition]
}

/** As `withCondition`, but a condition of the same status and reason gets the new message and update time too. */
export function withRenewedCondition(
  conditions: DeploymentCondition[],
  text: ConditionText,
  now: string,
): DeploymentCondition[] {
  const current = findCondition(conditions, text.type)
  const since = current?.status === text.status ? (current.lastTransitionTime ?? now) : now
  const condition = { ...text, lastUpdateTime: now, lastTransitionTime: since }
  return [...withoutCondition(conditions, text.type), condition]
}

/** The list without conditions of this type. */
export function withoutCondition(conditions: DeploymentCondition[], type: string): DeploymentCondition[] {
  return conditions.filter((condition) => condition.type !== type)
}
