import { isConditionTrue } from '../../api/conditions.ts'
import type { CronJob, Job } from '../../api/generated/batch-v1.ts'

/** `Complete` or `Failed`; undefined while the Job runs. */
export function endOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  return (['Complete', 'Failed'] as const).find((type) => isConditionTrue(status?.conditions, type))
}

function byStart(a: Job, b: Job): number {
  // What has not started comes last: `~` is after all times.
  const [startA, startB] = [a.status?.startTime ?? '~', b.status?.startTime ?? '~']
  if (startA !== startB) return startA < startB ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}

/** Ended Jobs beyond the history limits, oldest first (upstream: cleanupFinishedJobs). */
export function excessJobs({ spec }: CronJob, jobs: Job[]): Job[] {
  const limits = [
    ['Complete', spec.successfulJobsHistoryLimit],
    ['Failed', spec.failedJobsHistoryLimit],
  ] as const
  return limits.flatMap(([end, limit]) => {
    if (limit === undefined) return []
    const ended = jobs.filter((job) => endOf(job) === end).sort(byStart)
    return ended.slice(0, Math.max(0, ended.length - limit))
  })
}
