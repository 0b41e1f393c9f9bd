import { beforeEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { causesOf, TestKinds, type AnyObject } from '../testing/test-kinds.ts'

const pod = '{ spec: { restartPolicy: Never, containers: [{ name: main, image: "busybox:1" }] } }'
const job = `{ apiVersion: batch/v1, kind: Job, metadata: { name: work }, spec: { template: ${pod} } }`
const cronJob = `{ apiVersion: batch/v1, kind: CronJob, metadata: { name: tick }, spec: { schedule: "* * * * *", jobTemplate: { spec: { template: ${pod} } } } }`
const invalidField = (path: string, text: string): string =>
  `FieldValueInvalid ${path}: Invalid value: ${text}`
const condition = (type: string, status = 'True'): object => ({ type, status })
const startTime = '2026-01-01T00:00:00Z'
const later = '2026-01-01T00:01:00Z'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

function created(yaml: string, spec: object): Promise<AnyObject> {
  const object = parse(yaml) as AnyObject
  Object.assign(object.spec, spec)
  return kinds.create(stringify(object))
}

describe('a Job', () => {
  it.each<[spec: object, causes: string[]]>([
    [
      { completionMode: 'Odd', successPolicy: { rules: [] }, maxFailedIndexes: 1 },
      [
        'FieldValueRequired spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
        'FieldValueNotSupported spec.completionMode: Unsupported value: "Odd": supported values: "NonIndexed", "Indexed"',
        invalidField('spec.successPolicy', '{"Rules":[]}: requires indexed completion mode'),
      ],
    ],
    [
      { managedBy: 'Acme/{x}' },
      [
        invalidField(
          'spec.managedBy',
          `"Acme": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`.replace(
            '\\\\',
            '\\',
          ),
        ),
        invalidField(
          'spec.managedBy',
          `"{x}": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`,
        ),
      ],
    ],
    [
      {
        podFailurePolicy: {
          rules: [{ action: 'FailIndex', onExitCodes: { operator: '', containerName: 'x' } }],
        },
      },
      [
        invalidField(
          'spec.podFailurePolicy.rules[0].action',
          '"FailIndex": requires the backoffLimitPerIndex to be set',
        ),
        'FieldValueRequired spec.podFailurePolicy.rules[0].onExitCodes.operator: Required value: valid values: ["In" "NotIn"]',
        invalidField(
          'spec.podFailurePolicy.rules[0].onExitCodes.containerName',
          '"x": must be one of the container or initContainer names in the pod template',
        ),
        invalidField(
          'spec.podFailurePolicy.rules[0].onExitCodes.values',
          'null: at least one value is required',
        ),
      ],
    ],
    [
      { podFailurePolicy: { rules: [] }, podReplacementPolicy: 'TerminatingOrFailed' },
      [
        'FieldValueNotSupported spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
      ],
    ],
    [
      { manualSelector: true },
      [
        'FieldValueRequired spec.selector: Required value',
        invalidField('spec.template.metadata.labels', 'null: `selector` does not match template `labels`'),
      ],
    ],
    [
      {
        completionMode: 'Indexed',
        completions: 200000,
        parallelism: 200000,
        backoffLimitPerIndex: 1,
        maxFailedIndexes: 150000,
      },
      [
        invalidField(
          'spec.parallelism',
          '200000: must be less than or equal to 100000 when completion mode is Indexed',
        ),
        invalidField('spec.maxFailedIndexes', '150000: must be less than or equal to 100000'),
        invalidField(
          'spec.parallelism',
          '200000: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
        ),
        invalidField(
          'spec.maxFailedIndexes',
          '150000: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
        ),
      ],
    ],
  ])('is refused with %j', async (spec, causes) => {
    expect(await causesOf(created(job, spec))).toEqual(causes)
  })

  it('keeps its template, and in a suspended one all but labels and scheduling', async () => {
    const change = (copy: AnyObject): void => {
      copy.spec.template.metadata.labels.extra = 'yes'
      copy.spec.template.spec.tolerations = [{ operator: 'Exists' }]
      copy.spec.template.spec.containers[0].resources = { requests: { cpu: '1' } }
    }
    const running = await created(job, {})
    expect(await causesOf(kinds.update(running, change))).toEqual([
      expect.stringMatching(/^FieldValueInvalid spec\.template: Invalid value: \{.*\}: field is immutable$/),
    ])
    const suspended = await kinds.create(
      job.replace('work', 'idle').replace('spec: {', 'spec: { suspend: true,'),
    )
    const moved = await kinds.update(suspended, change)
    const renamed = (copy: AnyObject): void => void (copy.spec.template.spec.containers[0].image = 'other:1')
    expect(await causesOf(kinds.update(moved, renamed))).toEqual([
      expect.stringMatching(
        /^FieldValueInvalid spec\.template\.spec: Invalid value: \{.*field is immutable$/,
      ),
    ])
  })

  it.each<[before: object, status: object, causes: string[], spec?: object]>([
    [
      {},
      {
        conditions: [condition('Complete'), condition('FailureTarget')],
        active: 1,
        ready: 2,
        terminating: 1,
      },
      [
        'FieldValueInvalid status.conditions: Invalid value: cannot set Complete=True and FailureTarget=true conditions',
        'FieldValueRequired status.completionTime: Required value: completionTime is required for Complete jobs',
        'FieldValueInvalid status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
        invalidField('status.active', '1: active>0 is invalid for finished job'),
        'FieldValueRequired status.startTime: Required value: startTime is required for finished job',
        invalidField('status.terminating', '1: terminating>0 is invalid for finished job'),
        invalidField('status.ready', '2: cannot set more ready pods than active'),
      ],
    ],
    [
      { startTime: later },
      {
        startTime: later,
        completionTime: startTime,
        conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
        uncountedTerminatedPods: { failed: ['u'] },
      },
      [
        invalidField('status.completionTime', `"${startTime}": must be equal to or after \`startTime\``),
        invalidField('status.uncountedTerminatedPods', '{"failed":["u"]}: must be empty for finished job'),
      ],
    ],
    [
      {
        startTime,
        conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
        completionTime: later,
      },
      { startTime, conditions: [condition('Complete')], completionTime: startTime },
      [
        'FieldValueInvalid status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
        invalidField('status.completionTime', `"${startTime}": field is immutable`),
        'FieldValueInvalid status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
      ],
    ],
    [
      {},
      { completedIndexes: '0', failedIndexes: '1' },
      [
        invalidField(
          'status.completedIndexes',
          '"0": cannot set non-empty completedIndexes when non-indexed completion mode',
        ),
        invalidField(
          'status.failedIndexes',
          '"1": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
        ),
      ],
      { completions: 3 },
    ],
    [
      {},
      { completedIndexes: '0-2,2', failedIndexes: '1,7' },
      [
        invalidField(
          'status.completedIndexes',
          '"0-2,2": error parsing completedIndexes: non-increasing order, previous: 2, current: 2',
        ),
        invalidField('status.failedIndexes', '"1,7": error parsing failedIndexes: too large index: "7"'),
        invalidField('status.failedIndexes', '"1,7": failedIndexes and completedIndexes overlap at index: 1'),
      ],
      { completions: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 },
    ],
  ])('with the status %j does not take %j', async (before, status, causes, spec = {}) => {
    const object = await created(job, spec)
    const first = await kinds.update(object, (copy) => void (copy.status = before), 'status')
    expect(await causesOf(kinds.update(first, (copy) => void (copy.status = status), 'status'))).toEqual(
      causes,
    )
  })

  it('suffers in its status what was wrong before', async () => {
    const object = await created(job, { completions: 3, completionMode: 'Indexed' })
    const grown = await kinds.update(
      object,
      (copy) => void (copy.status = { completedIndexes: '0-2' }),
      'status',
    )
    const shrunk = await kinds.update(
      grown,
      (copy) => void Object.assign(copy.spec, { completions: 1, parallelism: 1 }),
    )
    const next = kinds.update(shrunk, (copy) => void (copy.status.active = 1), 'status')
    expect(await causesOf(next)).toEqual([])
  })
})

describe('a CronJob', () => {
  it.each<[spec: object, causes: string[]]>([
    [
      { schedule: 'TZ=Mars/Olympus 0 * * * *', timeZone: 'LOCAL', startingDeadlineSeconds: -1 },
      [
        invalidField(
          'spec.schedule',
          '"TZ=Mars/Olympus 0 * * * *": provided bad location Mars/Olympus: unknown time zone Mars/Olympus',
        ),
        invalidField(
          'spec.schedule',
          '"TZ=Mars/Olympus 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
        ),
        invalidField('spec.startingDeadlineSeconds', '-1: must be greater than or equal to 0'),
        invalidField(
          'spec.timeZone',
          '"LOCAL": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
        ),
        invalidField('spec.timeZone', '"LOCAL": unknown time zone LOCAL'),
      ],
    ],
    [
      { concurrencyPolicy: 'Odd', successfulJobsHistoryLimit: -1 },
      [
        'FieldValueNotSupported spec.concurrencyPolicy: Unsupported value: "Odd": supported values: "Allow", "Forbid", "Replace"',
        invalidField('spec.successfulJobsHistoryLimit', '-1: must be greater than or equal to 0'),
      ],
    ],
  ])('is refused with %j', async (spec, causes) => {
    expect(await causesOf(created(cronJob, spec))).toEqual(causes)
  })
})
