import { isConditionTrue, setCondition, type StatusCondition } from '../../api/conditions.ts'
import { rfc3339 } from '../../util/clock.ts'

/** Why pods could not be made or taken away. */
export interface ReplicaFailure {
  reason: 'FailedCreate' | 'FailedDelete'
  error: unknown
}

/**
 * The conditions with a `ReplicaFailure` that tells the failure, or without one. The first failure stays: the next one may name
 * another pod, and a status that changes calls for another try at once (upstream: replica_set_utils.go calculateStatus).
 */
export function withReplicaFailure(
  conditions: StatusCondition[],
  failure: ReplicaFailure | undefined,
  now: number,
): StatusCondition[] {
  if (!failure) return conditions.filter(({ type }) => type !== 'ReplicaFailure')
  if (isConditionTrue(conditions, 'ReplicaFailure')) return conditions
  const { reason, error } = failure
  const message = error instanceof Error ? error.message : String(error)
  return setCondition(conditions, { type: 'ReplicaFailure', status: 'True', reason, message }, rfc3339(now))
}
