import { isConditionTrue } from '../../api/conditions.ts'
import type { Job } from '../../api/generated/batch-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { duplicate, invalidValue, required } from '../validation/field-errors.ts'

const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const

/** Condition types that must not be True together. */
const contradictions = [
  ['Complete', 'Failed', 'cannot set Complete=True and Failed=true conditions'],
  ['Complete', 'FailureTarget', 'cannot set Complete=True and FailureTarget=true conditions'],
  ['SuccessCriteriaMet', 'Failed', 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
  [
    'SuccessCriteriaMet',
    'FailureTarget',
    'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
  ],
] as const

/** A problem whose value is not shown. */
function wrong(field: string, why: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: `Invalid value: ${why}` }
}

/** Upstream: pkg/apis/batch/validation ValidateJobStatusUpdate. */
export function validateJobStatus(object: Job, old: Job): FieldError[] {
  const status = object.status ?? {}
  const has = (type: string): boolean => isConditionTrue(status.conditions, type)
  const conditions = 'status.conditions'
  const errors = counts.flatMap((name) => validateNonNegative(status[name], `status.${name}`))
  errors.push(...validateUncounted(object))
  for (const [one, other, why] of contradictions)
    if (has(one) && has(other)) errors.push(wrong(conditions, why))
  if (has('Failed') && !has('FailureTarget')) {
    errors.push(
      wrong(conditions, 'cannot set Failed=True condition without the FailureTarget=true condition'),
    )
  }
  if (has('Complete') && !has('SuccessCriteriaMet')) {
    const why = 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition'
    errors.push(wrong(conditions, why))
  }
  for (const type of ['Failed', 'Complete', 'FailureTarget', 'SuccessCriteriaMet']) {
    if (!isConditionTrue(old.status?.conditions, type) || has(type)) continue
    const terminal = type === 'SuccessCriteriaMet' ? '' : 'terminal '
    errors.push(wrong(conditions, `cannot disable the ${terminal}${type}=True condition`))
  }
  return [...errors, ...validateFinished(object), ...validateMonotonic(object, old)]
}

function validateUncounted({ status }: Job): FieldError[] {
  const seen = new Set<string>()
  return (['succeeded', 'failed'] as const).flatMap((name) =>
    (status?.uncountedTerminatedPods?.[name] ?? []).flatMap((uid, at) => {
      const path = `status.uncountedTerminatedPods.${name}[${at}]`
      if (uid === '') return [invalidValue(path, uid, 'must not be empty')]
      if (seen.has(uid)) return [duplicate(path, uid)]
      seen.add(uid)
      return []
    }),
  )
}

function validateFinished({ status = {} }: Job): FieldError[] {
  const isComplete = isConditionTrue(status.conditions, 'Complete')
  const isFinished = isComplete || isConditionTrue(status.conditions, 'Failed')
  const { active = 0, ready = 0, terminating = 0, startTime, completionTime } = status
  const errors: FieldError[] = []
  if (completionTime && !isComplete) {
    const why = 'cannot set completionTime when there is no Complete=True condition'
    errors.push(invalidValue('status.completionTime', completionTime, why))
  }
  if (!completionTime && isComplete) {
    errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'))
  }
  if (ready > active) {
    errors.push(invalidValue('status.ready', ready, 'cannot set more ready pods than active'))
  }
  if (!isFinished) return errors
  if (active > 0) errors.push(invalidValue('status.active', active, 'active>0 is invalid for finished job'))
  if (terminating > 0) {
    const why = 'terminating>0 is invalid for finished job'
    errors.push(invalidValue('status.terminating', terminating, why))
  }
  if (!startTime) errors.push(required('status.startTime', 'startTime is required for finished job'))
  return errors
}

function validateMonotonic(object: Job, old: Job): FieldError[] {
  const [status, before] = [object.status ?? {}, old.status ?? {}]
  const errors: FieldError[] = []
  if ((status.failed ?? 0) < (before.failed ?? 0)) {
    errors.push(invalidValue('status.failed', status.failed ?? 0, 'cannot decrease the failed counter'))
  }
  const isIndexed = object.spec.completionMode === 'Indexed'
  if (!isIndexed && (status.succeeded ?? 0) < (before.succeeded ?? 0)) {
    const why = 'cannot decrease the succeeded counter'
    errors.push(invalidValue('status.succeeded', status.succeeded ?? 0, why))
  }
  if (before.startTime && before.startTime !== status.startTime && !object.spec.suspend) {
    // Resuming sets the start anew.
    const isResumed = isConditionTrue(before.conditions, 'Suspended')
    const why = 'startTime cannot be removed for unsuspended job'
    if (!isResumed) errors.push(required('status.startTime', why))
  }
  return errors
}
