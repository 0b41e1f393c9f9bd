import type { CronJob, CronJobSpec } from '../../api/generated/batch-v1.ts'
import { humanAge } from '../../api/human-duration.ts'
import type { FieldError } from '../../api/status.ts'
import { gatedPodFields } from '../core/pod/gated-fields.ts'
import { podTolerances } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { isTimeZone, parseCronSchedule } from '../../util/cron-schedule.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { selectorText } from '../validation/label-selector.ts'
import { validateJobTemplateSpec } from './job-spec-validation.ts'
import { cronJobWarnings } from './job-warnings.ts'
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
  toleratedWhenStored: [...podTolerances, /^spec\.(?:timeZone|schedule)$/],
  gatedFields: gatedPodFields('spec.jobTemplate.spec.template.spec'),
  columns: [
    nameColumn(),
    { name: 'Schedule', type: 'string', value: ({ spec }) => spec.schedule },
    { name: 'Timezone', type: 'string', value: ({ spec }) => spec.timeZone ?? '<none>' },
    { name: 'Suspend', type: 'boolean', value: ({ spec }) => (spec.suspend ? 'True' : 'False') },
    { name: 'Active', type: 'integer', value: ({ status }) => status?.active?.length ?? 0 },
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
  validateCreate: ({ spec, metadata }) => [
    ...validateSpec(spec, undefined, 'spec'),
    ...(metadata.name.length > maxNameLength
      ? [invalidValue('metadata.name', metadata.name, `must be no more than ${maxNameLength} characters`)]
      : []),
  ],
  validateUpdate: ({ spec }, old) => validateSpec(spec, old.spec, 'spec'),
  warnings: cronJobWarnings,
  status: {},
})

/** Upstream: pkg/apis/batch/validation validateCronJobSpec. */
function validateSpec(spec: CronJobSpec, old: CronJobSpec | undefined, path: string): FieldError[] {
  const policies = ['Allow', 'Forbid', 'Replace']
  const errors = validateSchedule(spec, old?.schedule.includes('TZ') === true, `${path}.schedule`)
  errors.push(...validateNonNegative(spec.startingDeadlineSeconds, `${path}.startingDeadlineSeconds`))
  if (spec.timeZone !== old?.timeZone) {
    errors.push(...validateTimeZone(spec.timeZone, `${path}.timeZone`))
  }
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

/** A time zone within the schedule is only kept where it was before (`keepsZone`). */
function validateSchedule(spec: CronJobSpec, keepsZone: boolean, path: string): FieldError[] {
  const { schedule, timeZone } = spec
  if (!schedule) return [required(path)]
  const errors: FieldError[] = []
  try {
    parseZonedSchedule(schedule)
  } catch (error) {
    errors.push(invalidValue(path, schedule, (error as Error).message))
  }
  if (!schedule.includes('TZ')) return errors
  if (!keepsZone) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    errors.push(invalidValue(path, schedule, why))
  } else if (timeZone !== undefined) {
    const why = 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
    errors.push(invalidValue(path, schedule, why))
  }
  return errors
}

/** Reads a schedule that may begin with `TZ=` or `CRON_TZ=`. */
function parseZonedSchedule(schedule: string): void {
  const [, zone, rest] = /^(?:CRON_)?TZ=(\S*) ?(.*)$/s.exec(schedule) ?? []
  if (zone !== undefined && !isTimeZone(zone || 'UTC')) {
    throw new Error(`provided bad location ${zone}: unknown time zone ${zone}`)
  }
  parseCronSchedule(zone === undefined ? schedule : (rest ?? '').trim())
}

function validateTimeZone(zone: string | undefined, path: string): FieldError[] {
  if (zone === undefined) return []
  if (zone === '') return [invalidValue(path, zone, 'timeZone must be nil or non-empty string')]
  const isNamed = zone
    .split('/')
    .every((part) => part !== '.' && part !== '..' && !part.startsWith('-') && timeZonePart.test(part))
  const unknown = invalidValue(path, zone, `unknown time zone ${zone}`)
  if (!isNamed) return [unknown]
  const errors: FieldError[] = []
  if (zone.toLowerCase() === 'local') {
    const why = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    errors.push(invalidValue(path, zone, why))
  }
  return zone === 'Local' || isTimeZone(zone) ? errors : [...errors, unknown]
}
