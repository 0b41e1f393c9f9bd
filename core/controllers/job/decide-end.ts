import { findCondition } from '../../api/conditions.ts'
import type { Job, JobCondition } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { newCondition, type ConditionText } from './conditions.ts'
import { isPodFailed, isSuspended } from './job-pods.ts'
import { requeueWithin, type JobSync } from './job-sync.ts'
import { judgeFailure } from './pod-failure-policy.ts'
import { metSuccessRule } from './success-policy.ts'

/**
 * The condition that the Job ends with, if it does: the one it is ending with already, or a failure, or a success by
 * its policy (upstream: syncJob). Completions are looked at once pods are managed.
 */
export function decideEnd(sync: JobSync): JobCondition | undefined {
  const { job, now } = sync
  const met = findCondition(job.status?.conditions, 'SuccessCriteriaMet')
  if (met?.status === 'True') return met
  const target = findCondition(job.status?.conditions, 'FailureTarget')
  if (target?.status === 'True') {
    const { reason = '', message = '' } = target
    return newCondition({ type: 'Failed', reason, message }, now)
  }
  const failure = failureOf(sync)
  if (failure) return newCondition({ type: 'FailureTarget', ...failure }, now)
  const message = metSuccessRule(job, sync.succeededIndexes)
  return message === undefined
    ? undefined
    : newCondition({ type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message }, now)
}

/** That enough pods have succeeded; other pods must be gone (upstream: newSuccessCondition). */
export function completionOf(sync: JobSync): JobCondition | undefined {
  const { completions } = sync.job.spec
  const isComplete = completions === undefined ? sync.succeeded > 0 : sync.succeeded >= completions
  if (!isComplete || sync.active > 0) return undefined
  const reason = 'CompletionsReached'
  const message = 'Reached expected number of succeeded pods'
  return newCondition({ type: 'SuccessCriteriaMet', reason, message }, sync.now)
}

function failureOf(sync: JobSync): Pick<ConditionText, 'reason' | 'message'> | undefined {
  const { job, pods } = sync
  const byPolicy = messageOfPolicy(job, pods)
  if (byPolicy !== undefined) return { reason: 'PodFailurePolicy', message: byPolicy }
  if (sync.failed > (job.spec.backoffLimit ?? 6) || hasRestartedTooOften(job, pods)) {
    return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  }
  if (isPastDeadline(sync)) {
    return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  }
  return indexFailure(sync)
}

function messageOfPolicy({ spec, ...job }: Job, pods: Pod[]): string | undefined {
  if (!spec.podFailurePolicy) return undefined
  for (const pod of pods) {
    if (!isPodFailed({ spec, ...job }, pod)) continue
    const { message } = judgeFailure(spec.podFailurePolicy, pod)
    if (message !== undefined) return message
  }
  return undefined
}

/** Pods that start their containers anew themselves count by those restarts. */
function hasRestartedTooOften({ spec }: Job, pods: Pod[]): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue
    const { initContainerStatuses = [], containerStatuses = [] } = status
    for (const { restartCount } of [...initContainerStatuses, ...containerStatuses])
      restarts += restartCount ?? 0
  }
  const limit = spec.backoffLimit ?? 6
  return limit === 0 ? restarts > 0 : restarts >= limit
}

function isPastDeadline(sync: JobSync): boolean {
  const { job, status, now } = sync
  const { activeDeadlineSeconds } = job.spec
  if (activeDeadlineSeconds === undefined || !status.startTime || isSuspended(job)) return false
  const left = Date.parse(status.startTime) + Number(activeDeadlineSeconds) * 1000 - now
  if (left > 0) requeueWithin(sync, left)
  return left <= 0
}

function indexFailure({
  job,
  failedIndexes,
  succeededIndexes,
}: JobSync): Pick<ConditionText, 'reason' | 'message'> | undefined {
  if (!failedIndexes || failedIndexes.size === 0) return undefined
  const { maxFailedIndexes, completions = 0 } = job.spec
  if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes'
    return { reason: 'MaxFailedIndexesExceeded', message }
  }
  if (failedIndexes.size + succeededIndexes.size < completions) return undefined
  return { reason: 'FailedIndexes', message: 'Job has failed indexes' }
}
