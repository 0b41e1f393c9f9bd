import type { CronJob, Job } from '../../api/generated/batch-v1.ts'
import { resources } from '../../api/resources.ts'
import { draft } from '../../client/draft.ts'
import { controllerReference } from '../../client/object-reference.ts'
import { rfc3339 } from '../../util/clock.ts'

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** `<cron job>-<minutes since the epoch>`: the same run never makes two Jobs. */
export function jobNameFor(object: CronJob, at: number): string {
  return `${object.metadata.name}-${Math.floor(at / 60_000)}`
}

/** The Job of one run (upstream: getJobFromTemplate2). */
export function jobFromTemplate(object: CronJob, at: number): Job {
  const { jobTemplate, timeZone } = object.spec
  const { labels, annotations } = jobTemplate.metadata ?? {}
  return {
    metadata: {
      name: jobNameFor(object, at),
      namespace: object.metadata.namespace ?? '',
      labels: { ...labels },
      annotations: { ...annotations, [scheduledAnnotation]: zonedTime(at, timeZone) },
      ownerReferences: [controllerReference(resources.cronJobs, object)],
    },
    spec: draft(jobTemplate.spec ?? { template: {} }),
  }
}

/** RFC 3339 in the given time zone, e.g. `2026-07-01T08:00:00+02:00`. */
function zonedTime(at: number, timeZone = 'UTC'): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const offset = /^GMT([+-])(\d\d):(\d\d)/.exec(name)
  const [, sign = '+', hours = '00', minutes = '00'] = offset ?? []
  const shift = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  if (shift === 0) return rfc3339(at)
  return `${rfc3339(at + shift).slice(0, -1)}${sign}${hours}:${minutes}`
}
