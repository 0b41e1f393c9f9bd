import { describe, expect, it } from 'vitest'
import { causesOf, messageOf, type AnyObject } from './testing/test-kinds.ts'
import { useKinds } from './testing/use-kinds.ts'

const { create, update, namedRow } = useKinds()

const statefulSet = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: web }
spec:
  serviceName: web
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: "nginx:1", volumeMounts: [{ name: data, mountPath: /data }] }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`
const daemonSet = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { nodeSelector: { disk: ssd }, containers: [{ name: a, image: "agent:1" }] }
`
const job = `
apiVersion: batch/v1
kind: Job
metadata: { name: work }
spec:
  template:
    spec: { restartPolicy: Never, containers: [{ name: main, image: "busybox:1" }] }
`
const cronJob = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: tick }
spec:
  schedule: "*/5 * * * *"
  jobTemplate:
    spec:
      template:
        spec: { restartPolicy: OnFailure, containers: [{ name: main, image: "busybox:1" }] }
`

describe('stateful sets', () => {
  it('get their defaults and columns', async () => {
    const object = await create(statefulSet)
    expect(object.spec).toMatchObject({
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    })
    expect(object.spec.volumeClaimTemplates[0]).toMatchObject({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      spec: { volumeMode: 'Filesystem' },
      status: { phase: 'Pending' },
    })
    expect(namedRow(object)).toBe('Name=web | Ready=0/1 | Age=5m | Containers=web | Images=nginx:1')
  })

  it('keep what may not change', async () => {
    const object = await create(statefulSet)
    const change = (copy: AnyObject): void => void (copy.spec.serviceName = 'other')
    expect(await messageOf(update(object, change))).toBe(
      "StatefulSet.apps \"web\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    )
    const scaled = await update(object, (copy) => void (copy.spec.replicas = 3))
    expect(scaled.metadata.generation).toBe(2)
  })

  it.each([
    [
      { podManagementPolicy: 'Odd' },
      "spec.podManagementPolicy: Invalid value: \"Odd\": must be 'OrderedReady' or 'Parallel'",
    ],
    [
      { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
      'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\'',
    ],
    [
      { selector: { matchLabels: { app: 'other' } } },
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep' } },
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete"',
    ],
  ])('are refused with %j', async (spec, message) => {
    const refused = create(statefulSet, (object) => void Object.assign(object.spec, spec))
    expect(await messageOf(refused)).toBe(`StatefulSet.apps "web" is invalid: ${message}`)
  })
})

describe('daemon sets', () => {
  it('get their defaults and columns, and count their templates', async () => {
    const object = await create(daemonSet)
    expect(object.spec.updateStrategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
    })
    expect(object.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' })
    expect(namedRow(object)).toBe(
      'Name=agent | Desired=0 | Current=0 | Ready=0 | Up-to-date=0 | Available=0 | Node Selector=disk=ssd | Age=5m | Containers=a | Images=agent:1 | Selector=app=agent',
    )
    const next = await update(
      object,
      (copy) => void (copy.spec.template.spec.containers[0].image = 'agent:2'),
    )
    expect(next.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '2' })
  })

  it('need exactly one of surge and unavailability', async () => {
    const rolling = (maxSurge: unknown, maxUnavailable: unknown): Promise<string> =>
      messageOf(
        create(daemonSet, ({ spec }) => {
          spec.updateStrategy = { rollingUpdate: { maxSurge, maxUnavailable } }
        }),
      )
    expect(await rolling(1, 1)).toBe(
      'DaemonSet.apps "agent" is invalid: spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    )
    expect(await rolling(0, 0)).toBe(
      'DaemonSet.apps "agent" is invalid: spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
    )
    expect(await rolling('101%', 0)).toContain('must not be greater than 100%')
    expect(await rolling('20%', 0)).toBe('accepted')
  })
})

describe('jobs', () => {
  it('get a selector of their own, defaults and columns', async () => {
    const object = await create(job)
    const { uid } = object.metadata
    const labels = {
      'controller-uid': uid,
      'job-name': 'work',
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': 'work',
    }
    expect(object.spec.template.metadata.labels).toEqual(labels)
    expect(object.metadata.labels).toEqual(labels)
    expect(object.spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
    })
    const running = await update(
      object,
      (copy) => void (copy.status = { startTime: '2026-01-01T00:02:00Z', active: 1 }),
      'status',
    )
    expect(namedRow(running)).toBe(
      `Name=work | Status=Running | Completions=0/1 | Duration=3m | Age=5m | Containers=main | Images=busybox:1 | Selector=batch.kubernetes.io/controller-uid=${uid}`,
    )
  })

  it.each([
    [
      { template: { spec: { containers: [{ name: 'a', image: 'a' }] } } },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      { completionMode: 'Indexed', parallelism: 1 },
      'spec.completions: Required value: when completion mode is Indexed',
    ],
    [
      { backoffLimitPerIndex: 1 },
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
    ],
    [
      { completionMode: 'Indexed', completions: 3, successPolicy: { rules: [{ succeededIndexes: '0,3' }] } },
      'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0,3": error parsing succeededIndexes: too large index: "3"',
    ],
    [
      { podFailurePolicy: { rules: [{ action: 'FailJob' }] } },
      'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
    [
      { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [0] } }] } },
      'spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator',
    ],
    [
      { managedBy: 'me' },
      'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
  ])('are refused with %j', async (spec, message) => {
    const refused = create(job, (object) => void Object.assign(object.spec, spec))
    expect(await messageOf(refused)).toBe(`Job.batch "work" is invalid: ${message}`)
  })

  it('are judged twice when they are changed, as upstream', async () => {
    const object = await create(job)
    const wrong = update(object, ({ spec }) => Object.assign(spec, { backoffLimit: -1, completions: 3 }))
    const negative =
      'FieldValueInvalid spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0'
    expect(await causesOf(wrong)).toEqual([
      negative,
      negative,
      'FieldValueInvalid spec.completions: Invalid value: 3: field is immutable',
    ])
  })

  it('keep their template, but for scheduling while they are suspended', async () => {
    const object = await create(job)
    const move = (copy: AnyObject): void => void (copy.spec.template.spec.nodeSelector = { disk: 'ssd' })
    const said = await messageOf(update(object, move))
    // As upstream's internal types have it: labels and annotations in the order of the struct, and fields by their Go names.
    expect(said).toMatch(/spec.template: Invalid value: \{"labels":\{.*\},"Spec":\{"Volumes":null,/)
    expect(said).toContain('"NodeSelector":{"disk":"ssd"}')
    const idle = await create(job, ({ metadata, spec }) => {
      metadata.name = 'idle'
      spec.suspend = true
    })
    expect(await messageOf(update(idle, move))).toBe('accepted')
  })

  it('end only once, and in order', async () => {
    const object = await create(job)
    const setStatus = (of: AnyObject, status: AnyObject): Promise<AnyObject> =>
      update(of, (copy) => void (copy.status = status), 'status')
    const condition = (type: string): AnyObject => ({ type, status: 'True' })
    const startTime = '2026-01-01T00:00:00Z'
    expect(await messageOf(setStatus(object, { startTime, conditions: [condition('Failed')] }))).toContain(
      'cannot set Failed=True condition without the FailureTarget=true condition',
    )
    const failed = await setStatus(object, {
      startTime,
      failed: 1,
      conditions: [condition('FailureTarget'), condition('Failed')],
    })
    expect(await messageOf(setStatus(failed, { startTime, failed: 1 }))).toContain(
      'cannot disable the terminal Failed=True condition',
    )
  })
})

describe('cron jobs', () => {
  it('get their defaults and columns', async () => {
    const object = await create(cronJob)
    expect(object.spec).toMatchObject({
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    })
    expect(namedRow(object)).toBe(
      'Name=tick | Schedule=*/5 * * * * | Timezone=<none> | Suspend=False | Active=0 | Last Schedule=<none> | Age=5m | Containers=main | Images=busybox:1 | Selector=<none>',
    )
  })

  it.each([
    [
      { schedule: '* * *' },
      'spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]',
    ],
    [
      { schedule: 'TZ=UTC 0 * * * *' },
      'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
    [
      { timeZone: 'Mars/Olympus' },
      'spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus',
    ],
    [
      { concurrencyPolicy: 'Maybe' },
      'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
    ],
  ])('are refused with %j', async (spec, message) => {
    const refused = create(cronJob, (object) => void Object.assign(object.spec, spec))
    expect(await messageOf(refused)).toBe(`CronJob.batch "tick" is invalid: ${message}`)
  })

  it('have names that leave room for those of their jobs', async () => {
    const refused = create(cronJob, ({ metadata }) => void (metadata.name = 'a'.repeat(53)))
    expect(await messageOf(refused)).toContain('must be no more than 52 characters')
  })
})
