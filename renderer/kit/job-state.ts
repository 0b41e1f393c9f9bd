import { findCondition } from '../../core/api/conditions.ts'
import type { Job } from '../../core/api/generated/batch-v1.ts'
import type { Event } from '../../core/api/generated/core-v1.ts'
import type { Finding, StatusSummary } from './kind-view.ts'
import type { Tone } from './tone.ts'

function holds(job: Job, type: string): boolean {
  return findCondition(job.status?.conditions, type)?.status === 'True'
}

/** Whether the Job has come to its end, well or not. */
export function isFinishedJob(job: Job): boolean {
  return holds(job, 'Complete') || holds(job, 'Failed')
}

/** The Job's state as kubectl's STATUS column names it. */
export function summarizeJob(job: Job): StatusSummary {
  const states: Array<[condition: string, text: string, tone: Tone]> = [
    ['Complete', 'Complete', 'ok'],
    ['Failed', 'Failed', 'bad'],
    ['FailureTarget', 'FailureTarget', 'bad'],
    ['SuccessCriteriaMet', 'SuccessCriteriaMet', 'progress'],
    ['Suspended', 'Suspended', 'off'],
  ]
  const found = states.find(([condition]) => holds(job, condition))
  if (job.metadata.deletionTimestamp && !found) return { text: 'Terminating', tone: 'progress' }
  return found ? { text: found[1], tone: found[2] } : { text: 'Running', tone: 'progress' }
}

/** Why a Job failed or does not come on, in words. */
export function diagnoseJob(job: Job, events: Event[] = []): Finding[] {
  const failed = findCondition(job.status?.conditions, 'Failed')
  if (failed?.status === 'True') {
    return [
      {
        tone: 'bad',
        text: 'finding.jobFailed',
        params: { reason: failed.reason ?? '' },
        ...(failed.message && { detail: failed.message }),
      },
    ]
  }
  // Nothing in a Job's status tells of pods that are refused, by a quota or an admission plugin; only its events do.
  const refused = events.find(({ type, reason }) => type === 'Warning' && reason === 'FailedCreate')
  const isIdle = !job.status?.active && !isFinishedJob(job) && !holds(job, 'Suspended')
  if (refused && isIdle)
    return [
      { tone: 'bad', text: 'finding.replicaFailure', ...(refused.message && { detail: refused.message }) },
    ]
  const { failed: count = 0 } = job.status ?? {}
  if (count === 0 || isFinishedJob(job)) return []
  const { backoffLimit = 6, backoffLimitPerIndex } = job.spec
  // The limit of the whole Job is then the highest number there is.
  return backoffLimitPerIndex === undefined
    ? [{ tone: 'warn', text: 'finding.jobRetries', params: { count, limit: backoffLimit } }]
    : [{ tone: 'warn', text: 'finding.indexRetries', params: { count, limit: backoffLimitPerIndex } }]
}

/** How many completions the Job is to have; undefined where any one success ends it (a work queue). */
export function wantedCompletions({ spec }: Job): number | undefined {
  return spec.completions ?? undefined
}

/** Milliseconds from its start to its end, or to `now`; undefined before it started. */
export function jobDuration({ status }: Job, now: number): number | undefined {
  if (!status?.startTime) return undefined
  const failed = findCondition(status.conditions, 'Failed')
  const end = status.completionTime ?? (failed?.status === 'True' ? failed.lastTransitionTime : undefined)
  return (end ? Date.parse(end) : now) - Date.parse(status.startTime)
}
