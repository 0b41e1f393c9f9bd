import { isConditionTrue } from '../../api/conditions.ts'
import type { Job, JobStatus } from '../../api/generated/batch-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { duplicate, invalidValue, required, wrongField } from '../../api/field-errors.ts'
import { validateJobIndexes } from './job-indexes-validation.ts'

const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const
const conditionsPath = 'status.conditions'

/** A Job's status beside the one before, and what of it differs. */
interface Transition {
  object: Job
  status: JobStatus
  before: JobStatus
  has(type: string): boolean
  had(type: string): boolean
  /** Whether any of these conditions began or ceased to be True, or any of these fields changed. */
  changes(...names: (string | keyof JobStatus)[]): boolean
  isFinished: boolean
}

function transitionOf(object: Job, old: Job): Transition {
  const [status, before] = [object.status ?? {}, old.status ?? {}]
  const has = (type: string): boolean => isConditionTrue(status.conditions, type)
  const had = (type: string): boolean => isConditionTrue(before.conditions, type)
  const differs = (name: string): boolean =>
    /^[A-Z]/.test(name)
      ? has(name) !== had(name)
      : !deepEqual(status[name as keyof JobStatus], before[name as keyof JobStatus])
  return {
    object,
    status,
    before,
    has,
    had,
    changes: (...names) => names.some(differs),
    isFinished: has('Complete') || has('Failed'),
  }
}

/**
 * Upstream: pkg/apis/batch/validation ValidateJobStatusUpdate, with the options of the status strategy: most rules hold
 * only for what a write changes, so that a status that was wrong before can still be written.
 */
export function validateJobStatus(object: Job, old: Job): FieldError[] {
  const change = transitionOf(object, old)
  return [
    ...counts.flatMap((name) => validateNonNegative(change.status[name], `status.${name}`)),
    ...validateUncounted(change.status),
    ...validateCompletion(change),
    ...validateEndConditions(change),
    ...validateFinished(change),
    ...validateJobIndexes(object, change.changes('completedIndexes'), change.changes('failedIndexes')),
    ...validatePodCounts(change),
    ...validateSuccess(change),
    ...validateHistory(change),
  ]
}

function validateUncounted({ uncountedTerminatedPods }: JobStatus): FieldError[] {
  const seen = new Set<string>()
  return (['succeeded', 'failed'] as const).flatMap((name) =>
    (uncountedTerminatedPods?.[name] ?? []).flatMap((uid, at) => {
      const path = `status.uncountedTerminatedPods.${name}[${at}]`
      if (uid === '') return [invalidValue(path, uid, 'must not be empty')]
      if (seen.has(uid)) return [duplicate(path, uid)]
      seen.add(uid)
      return []
    }),
  )
}

function validateCompletion({ status, has, changes }: Transition): FieldError[] {
  const { startTime, completionTime } = status
  const errors: FieldError[] = []
  if (changes('Complete', 'Failed') && has('Complete') && has('Failed')) {
    errors.push(wrongField(conditionsPath, 'cannot set Complete=True and Failed=true conditions'))
  }
  if (changes('Complete', 'FailureTarget') && has('Complete') && has('FailureTarget')) {
    errors.push(wrongField(conditionsPath, 'cannot set Complete=True and FailureTarget=true conditions'))
  }
  if (changes('Complete', 'completionTime')) {
    if (completionTime && !has('Complete')) {
      const why = 'cannot set completionTime when there is no Complete=True condition'
      errors.push(invalidValue('status.completionTime', completionTime, why))
    }
    if (!completionTime && has('Complete')) {
      errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'))
    }
  }
  const isBefore = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime)
  if (isBefore && changes('startTime', 'completionTime')) {
    const why = 'must be equal to or after `startTime`'
    errors.push(invalidValue('status.completionTime', completionTime, why))
  }
  return errors
}

/** A Job's end is announced by a condition of its own before it is there. */
function validateEndConditions({ has, changes }: Transition): FieldError[] {
  const errors: FieldError[] = []
  if (changes('Failed', 'FailureTarget') && has('Failed') && !has('FailureTarget')) {
    const why = 'cannot set Failed=True condition without the FailureTarget=true condition'
    errors.push(wrongField(conditionsPath, why))
  }
  if (changes('Complete', 'SuccessCriteriaMet') && has('Complete') && !has('SuccessCriteriaMet')) {
    const why = 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition'
    errors.push(wrongField(conditionsPath, why))
  }
  return errors
}

function validateFinished(change: Transition): FieldError[] {
  const { object, status, had, isFinished } = change
  if (!isFinished) return []
  const wasFinished = had('Complete') || had('Failed')
  const matters = (name: keyof JobStatus): boolean => !wasFinished || change.changes(name)
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = status
  const errors: FieldError[] = []
  if (active > 0 && matters('active')) {
    errors.push(invalidValue('status.active', active, 'active>0 is invalid for finished job'))
  }
  const neverStarts = object.spec.suspend === true && object.spec.completions === 0
  if (!startTime && matters('startTime') && !neverStarts) {
    errors.push(required('status.startTime', 'startTime is required for finished job'))
  }
  const left = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0)
  if (left > 0 && matters('uncountedTerminatedPods')) {
    const why = 'must be empty for finished job'
    errors.push(invalidValue('status.uncountedTerminatedPods', uncounted, why))
  }
  return errors
}

function validatePodCounts(change: Transition): FieldError[] {
  const { status, changes, had, isFinished } = change
  const { active = 0, ready = 0, terminating = 0 } = status
  const errors: FieldError[] = []
  const wasFinished = had('Complete') || had('Failed')
  if (terminating > 0 && isFinished && (!wasFinished || changes('terminating'))) {
    const why = 'terminating>0 is invalid for finished job'
    errors.push(invalidValue('status.terminating', terminating, why))
  }
  if (ready > active && changes('ready', 'active')) {
    errors.push(invalidValue('status.ready', ready, 'cannot set more ready pods than active'))
  }
  return errors
}

function validateSuccess({ object, has }: Transition): FieldError[] {
  const isMet = has('SuccessCriteriaMet')
  const errors: FieldError[] = []
  if (isMet && has('Failed')) {
    errors.push(wrongField(conditionsPath, 'cannot set SuccessCriteriaMet=True and Failed=true conditions'))
  }
  if (isMet && has('FailureTarget')) {
    const why = 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'
    errors.push(wrongField(conditionsPath, why))
  }
  if (object.spec.successPolicy && !isMet && has('Complete')) {
    const why = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'
    errors.push(wrongField(conditionsPath, why))
  }
  return errors
}

function validateHistory({ object, status, before, has, had }: Transition): FieldError[] {
  const errors: FieldError[] = []
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (!had(type) || has(type)) continue
    errors.push(wrongField(conditionsPath, `cannot disable the terminal ${type}=True condition`))
  }
  if ((status.failed ?? 0) < (before.failed ?? 0)) {
    errors.push(invalidValue('status.failed', status.failed ?? 0, 'cannot decrease the failed counter'))
  }
  // An Indexed Job whose completions follow its parallelism may shrink.
  const { completionMode, completions, parallelism } = object.spec
  const mayShrink = completionMode === 'Indexed' && completions === parallelism
  if (!mayShrink && (status.succeeded ?? 0) < (before.succeeded ?? 0)) {
    const why = 'cannot decrease the succeeded counter'
    errors.push(invalidValue('status.succeeded', status.succeeded ?? 0, why))
  }
  const { completionTime, startTime } = status
  if (completionTime && before.completionTime && completionTime !== before.completionTime) {
    errors.push(invalidValue('status.completionTime', completionTime, 'field is immutable'))
  }
  const isResuming = had('Suspended') && !has('Suspended')
  if (before.startTime && before.startTime !== startTime && !object.spec.suspend && !isResuming) {
    errors.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'))
  }
  if (had('SuccessCriteriaMet') && !has('SuccessCriteriaMet')) {
    errors.push(wrongField(conditionsPath, 'cannot disable the SuccessCriteriaMet=True condition'))
  }
  if (had('Complete') && !had('SuccessCriteriaMet') && has('SuccessCriteriaMet')) {
    const why = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'
    errors.push(wrongField(conditionsPath, why))
  }
  return errors
}
