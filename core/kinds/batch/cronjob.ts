import type { CronJob, CronJobSpec } from '../../api/generated/batch-v1.ts'
import { humanAge } from '../../api/human-duration.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { isTimeZone, parseCronSchedule } from '../../util/cron-schedule.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { invalidValue, notSupported, required } from '../validation/field-errors.ts'
import { selectorText } from '../validation/label-selector.ts'
import { validateJobTemplateSpec } from './job-spec-validation.ts'
import { defaultJobTemplate } from './job.ts'

/** A Job's name adds a dash and ten digits, and must be a label. */
const maxNameLength = 52
const timeZonePart = /^[A-Za-z._0-9+-]{1,14}$/

export const cronJob = defineKind<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  namespaced: true,
  names: { plural: 'cronjobs', singular: 'cronjob', short: ['cj'], categories: ['all'] },
  schema: 'io.k8s.api.batch.v1.CronJob',
  columns: [
    nameColumn(),
    { name: 'Schedule', type: 'string', value: ({ spec }) => spec.schedule },
    { name: 'Timezone', type: 'string', value: ({ spec }) => spec.timeZone ?? '<none>' },
    { name: 'Suspend', type: 'string', value: ({ spec }) => (spec.suspend ? 'True' : 'False') },
    { name: 'Active', type: 'string', value: ({ status }) => status?.active?.length ?? 0 },
    {
      name: 'Last Schedule',
      type: 'string',
      value: ({ status }, now) =>
        status?.lastScheduleTime ? humanAge(status.lastScheduleTime, now) : '<none>',
    },
    ageColumn(),
    ...templateColumns<CronJob & { spec: { template?: undefined } }>()
      .filter(({ name }) => name !== 'Selector')
      .map((column) => ({
        ...column,
        value: ({ metadata, spec }: CronJob, now: number) =>
          column.value({ metadata, spec: spec.jobTemplate.spec ?? {} } as never, now),
      })),
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      value: ({ spec }) => selectorText(spec.jobTemplate.spec?.selector),
    },
  ],
  default(object) {
    object.spec ??= {} as CronJobSpec
    const { spec } = object
    spec.concurrencyPolicy ||= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
    spec.jobTemplate ??= {}
    spec.jobTemplate.spec ??= { template: {} }
    defaultJobTemplate(spec.jobTemplate.spec)
  },
  prepareForCreate(object) {
    object.status = {}
  },
  validate: ({ spec, metadata }) => [
    ...validateSpec(spec, 'spec'),
    ...(metadata.name.length > maxNameLength
      ? [invalidValue('metadata.name', metadata.name, `must be no more than ${maxNameLength} characters`)]
      : []),
  ],
  status: {},
})

/** Upstream: pkg/apis/batch/validation validateCronJobSpec. */
function validateSpec(spec: CronJobSpec, path: string): FieldError[] {
  const policies = ['Allow', 'Forbid', 'Replace']
  const errors = validateSchedule(spec.schedule, `${path}.schedule`)
  errors.push(...validateNonNegative(spec.startingDeadlineSeconds, `${path}.startingDeadlineSeconds`))
  errors.push(...validateTimeZone(spec.timeZone, `${path}.timeZone`))
  const { concurrencyPolicy: policy } = spec
  if (!policy) errors.push(required(`${path}.concurrencyPolicy`))
  else if (!policies.includes(policy)) {
    errors.push(notSupported(`${path}.concurrencyPolicy`, policy, policies))
  }
  const jobSpec = spec.jobTemplate.spec ?? { template: {} }
  const where = `${path}.jobTemplate.spec`
  errors.push(...validateJobTemplateSpec(jobSpec, where))
  if (jobSpec.selector) {
    errors.push(invalidValue(`${where}.selector`, jobSpec.selector, '`selector` will be auto-generated'))
  }
  if (jobSpec.manualSelector) errors.push(notSupported(`${where}.manualSelector`, true, ['nil', 'false']))
  for (const name of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const) {
    errors.push(...validateNonNegative(spec[name], `${path}.${name}`))
  }
  return errors
}

function validateSchedule(schedule: string | undefined, path: string): FieldError[] {
  if (!schedule) return [required(path)]
  if (schedule.includes('TZ')) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    return [invalidValue(path, schedule, why)]
  }
  try {
    parseCronSchedule(schedule)
    return []
  } catch (error) {
    return [invalidValue(path, schedule, (error as Error).message)]
  }
}

function validateTimeZone(zone: string | undefined, path: string): FieldError[] {
  if (zone === undefined) return []
  if (zone === '') return [invalidValue(path, zone, 'timeZone must be nil or non-empty string')]
  const isNamed = zone
    .split('/')
    .every((part) => part !== '.' && part !== '..' && !part.startsWith('-') && timeZonePart.test(part))
  if (zone.toLowerCase() === 'local') {
    const why = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    return [invalidValue(path, zone, why)]
  }
  return isNamed && isTimeZone(zone) ? [] : [invalidValue(path, zone, `unknown time zone ${zone}`)]
}
