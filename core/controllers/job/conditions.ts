import { findCondition } from '../../api/conditions.ts'
import type { JobCondition } from '../../api/generated/batch-v1.ts'
import { rfc3339 } from '../../util/clock.ts'

export interface ConditionText {
  type: 'Complete' | 'Failed' | 'SuccessCriteriaMet' | 'FailureTarget' | 'Suspended'
  reason: string
  message: string
  /** Default True. */
  status?: 'True' | 'False'
}

/** A condition that begins now. */
export function newCondition(text: ConditionText, now: number): JobCondition {
  const at = rfc3339(now)
  return { status: 'True', ...text, lastProbeTime: at, lastTransitionTime: at }
}

/**
 * The list with the condition. The same list comes back when nothing changes, and when something that was never there
 * is to become False (upstream: ensureJobConditionStatus).
 */
export function withCondition(
  conditions: JobCondition[] | undefined,
  text: ConditionText,
  now: number,
): JobCondition[] | undefined {
  const { type, reason, message, status = 'True' } = text
  const old = findCondition(conditions, type)
  if (!old) return status === 'True' ? [...(conditions ?? []), newCondition(text, now)] : conditions
  if (old.status === status && old.reason === reason && old.message === message) return conditions
  return conditions?.map((condition) => (condition === old ? newCondition(text, now) : condition))
}
