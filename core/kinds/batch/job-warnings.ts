import type { CronJob, Job, JobSpec } from '../../api/generated/batch-v1.ts'
import { isUnchanged, warnOfName } from '../apps/workload-warnings.ts'
import { templateWarnings } from '../core/pod/warnings.ts'

const manyCompletions = 100_000
const muchParallelism = 10_000

/** What a Job is accepted with but should not have (upstream: pkg/api/job/warnings.go). */
export function jobWarnings(job: Job, old: Job | undefined): string[] {
  return [
    ...(old ? [] : warnOfName(job.metadata.name)),
    ...(isUnchanged(job, old) ? [] : warnOfJobSpec(job.spec, 'spec')),
  ]
}

/** What a CronJob is accepted with but should not have. */
export function cronJobWarnings(cronJob: CronJob, old: CronJob | undefined): string[] {
  const { spec, metadata } = cronJob
  return [
    ...(old ? [] : warnOfName(metadata.name)),
    ...(isUnchanged(cronJob, old) ? [] : warnOfJobSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec')),
    ...(old && spec.schedule.includes('TZ')
      ? [
          'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
        ]
      : []),
  ]
}

function warnOfJobSpec(spec: JobSpec | undefined, path: string): string[] {
  if (!spec) return []
  const { completionMode, completions = 0, parallelism = 0, template } = spec
  const isHuge =
    completionMode === 'Indexed' && completions > manyCompletions && parallelism > muchParallelism
  return [
    ...(isHuge
      ? [
          `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
        ]
      : []),
    ...templateWarnings(template, `${path}.template`),
  ]
}
