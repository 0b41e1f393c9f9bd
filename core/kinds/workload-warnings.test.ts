import { beforeEach, describe, expect, it } from 'vitest'
import { TestKinds } from './testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

const name =
  'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]'
const container = '{ name: c, image: i, resources: { requests: { memory: 100m } } }'
const template = (policy: string): string =>
  `{ metadata: { labels: { a: b } }, spec: { restartPolicy: ${policy}, containers: [${container}] } }`
const fraction = (path: string): string =>
  `${path}.spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer`
const endless = `selector: { matchLabels: { a: b } }, template: ${template('Always')}`
const huge =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
const limits = 'completionMode: Indexed, completions: 100001, parallelism: 10001'

describe('warnings of workloads', () => {
  it.each<[yaml: string, created: string[], updated: string[]]>([
    [
      `{ kind: Deployment, metadata: { name: a.b }, spec: { ${endless} } }`,
      [name, fraction('spec.template')],
      [fraction('spec.template')],
    ],
    [
      `{ kind: ReplicaSet, metadata: { name: a.b }, spec: { ${endless} } }`,
      [name, fraction('spec.template')],
      [fraction('spec.template')],
    ],
    [
      `{ kind: DaemonSet, metadata: { name: a.b }, spec: { ${endless} } }`,
      [fraction('spec.template')],
      [fraction('spec.template')],
    ],
    [
      `{ kind: StatefulSet, metadata: { name: a }, spec: { serviceName: s, revisionHistoryLimit: -1, ${endless}, volumeClaimTemplates: [{ metadata: { name: v }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 100m } } } }] } }`,
      [
        fraction('spec.template'),
        'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer',
        'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
      ],
      [
        fraction('spec.template'),
        'spec.volumeClaimTemplates[0].Spec.resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer',
        'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
      ],
    ],
    [
      `{ kind: Job, metadata: { name: a }, spec: { ${limits}, template: ${template('Never')} } }`,
      [`spec: ${huge}`, fraction('spec.template')],
      [`spec: ${huge}`, fraction('spec.template')],
    ],
    [
      `{ kind: CronJob, metadata: { name: a.b }, spec: { schedule: "* * * * *", jobTemplate: { spec: { ${limits}, template: ${template('Never')} } } } }`,
      [name, `spec.jobTemplate.spec: ${huge}`, fraction('spec.jobTemplate.spec.template')],
      [`spec.jobTemplate.spec: ${huge}`, fraction('spec.jobTemplate.spec.template')],
    ],
  ])('come with %s', async (yaml, created, updated) => {
    const object = await kinds.create(yaml)
    expect(kinds.warnings.splice(0)).toEqual(created)
    await kinds.update(object, ({ spec }) => {
      if (object.kind === 'Job') spec.activeDeadlineSeconds = 9
      else if (object.kind === 'CronJob') spec.suspend = true
      else spec.minReadySeconds = 1
    })
    expect(kinds.warnings.splice(0)).toEqual(updated)
  })
})
