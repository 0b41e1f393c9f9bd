import { beforeEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { causesOf, TestKinds, type AnyObject } from '../testing/test-kinds.ts'

const pod = '{ metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: "nginx:1" }] } }'
const base = (kind: string): AnyObject =>
  parse(`
apiVersion: apps/v1
kind: ${kind}
metadata: { name: web }
spec: { selector: { matchLabels: { app: web } }, template: ${pod} }
`)

describe('the apps group', () => {
  let kinds: TestKinds
  beforeEach(() => void (kinds = new TestKinds()))

  function created(kind: string, spec: object): Promise<AnyObject> {
    const object = base(kind)
    Object.assign(object.spec, spec)
    return kinds.create(stringify(object))
  }

  it.each<[kind: string, spec: object, causes: string[]]>([
    [
      'Deployment',
      { replicas: -1, minReadySeconds: -2, strategy: { type: 'Odd' }, revisionHistoryLimit: -3 },
      [
        'FieldValueInvalid spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'FieldValueNotSupported spec.strategy: Unsupported value: {"Type":"Odd","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
        'FieldValueInvalid spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
        'FieldValueInvalid spec.revisionHistoryLimit: Invalid value: -3: must be greater than or equal to 0',
      ],
    ],
    [
      'Deployment',
      { selector: null },
      [
        'FieldValueRequired spec.selector: Required value',
        'FieldValueInvalid spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      ],
    ],
    [
      'Deployment',
      { selector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] }, template: { spec: {} } },
      [
        'FieldValueInvalid spec.selector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator',
        'FieldValueInvalid spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"Odd"}]}: invalid label selector',
      ],
    ],
    [
      'Deployment',
      { strategy: { rollingUpdate: { maxUnavailable: '0%', maxSurge: 0 } }, progressDeadlineSeconds: 0 },
      [
        'FieldValueInvalid spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
        'FieldValueInvalid spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds',
      ],
    ],
    [
      'Deployment',
      { strategy: { rollingUpdate: { maxUnavailable: 'half', maxSurge: '0' } } },
      [
        `FieldValueInvalid spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "half": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
        `FieldValueInvalid spec.strategy.rollingUpdate.maxSurge: Invalid value: "0": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
        'FieldValueInvalid spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "half": may not be 0 when `maxSurge` is 0',
      ],
    ],
    [
      'ReplicaSet',
      { selector: {}, minReadySeconds: -1 },
      [
        'FieldValueInvalid spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
        'FieldValueInvalid spec.selector: Invalid value: {}: empty selector is invalid for deployment',
      ],
    ],
    [
      'DaemonSet',
      { selector: null, updateStrategy: { type: 'Odd' } },
      [
        'FieldValueInvalid spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
        'FieldValueNotSupported spec.updateStrategy: Unsupported value: {"Type":"Odd","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
      ],
    ],
    [
      'DaemonSet',
      { updateStrategy: { rollingUpdate: { maxUnavailable: '101%', maxSurge: '102%' } } },
      [
        'FieldValueInvalid spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
        'FieldValueInvalid spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "102%": must not be greater than 100%',
        'FieldValueInvalid spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "102%": may not be set when maxUnavailable is non-zero',
      ],
    ],
    [
      'StatefulSet',
      {
        updateStrategy: { type: 'Odd' },
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Keep' },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { resources: {} } }],
        replicas: -1,
        ordinals: { start: -1 },
        serviceName: 'not.a.label',
      },
      [
        `FieldValueInvalid spec.updateStrategy: Invalid value: {"Type":"Odd","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`,
        'FieldValueNotSupported spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"',
        'FieldValueRequired spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
        'FieldValueRequired spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
        'FieldValueInvalid spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'FieldValueInvalid spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
        'FieldValueInvalid spec.serviceName: Invalid value: "not.a.label": must not contain dots',
      ],
    ],
    [
      'StatefulSet',
      { updateStrategy: { rollingUpdate: { maxUnavailable: '0%', partition: -1 } } },
      [
        'FieldValueInvalid spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
        'FieldValueInvalid spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "0%": cannot be 0',
      ],
    ],
  ])('refuses a %s with %j', async (kind, spec, causes) => {
    expect(await causesOf(created(kind, spec))).toEqual(causes)
  })

  it('refuses statuses that cannot be', async () => {
    const status = { replicas: 1, readyReplicas: 0, availableReplicas: 2, observedGeneration: -1 }
    const deployment = await created('Deployment', {})
    expect(await causesOf(kinds.update(deployment, (copy) => void (copy.status = status), 'status'))).toEqual(
      [
        'FieldValueInvalid status.observedGeneration: Invalid value: -1: must be greater than or equal to 0',
        'FieldValueInvalid status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
        'FieldValueInvalid status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas',
      ],
    )
    const collided = await kinds.update(
      deployment,
      (copy) => void (copy.status = { collisionCount: 2 }),
      'status',
    )
    expect(
      await causesOf(kinds.update(collided, (copy) => void (copy.status.collisionCount = 1), 'status')),
    ).toEqual(['FieldValueInvalid status.collisionCount: Invalid value: 1: cannot be decremented'])
  })

  it('wants an object as the data of a ControllerRevision, and keeps it', async () => {
    const revision = (data: string): Promise<AnyObject> =>
      kinds.create(`{ apiVersion: apps/v1, kind: ControllerRevision, metadata: { name: r }${data} }`)
    expect(await causesOf(revision(''))).toEqual([
      'FieldValueRequired data: Required value: data is mandatory',
    ])
    expect(await causesOf(revision(', data: 3'))).toEqual([
      'FieldValueRequired data: Required value: data must be a valid JSON object',
    ])
    const stored = await revision(', data: { a: 1 }')
    expect(await causesOf(kinds.update(stored, (copy) => void (copy.data = { a: 2 })))).toEqual([
      'FieldValueInvalid data: Invalid value: {"a":2}: field is immutable',
    ])
  })

  it('suffers in a stored StatefulSet what it refuses in a new one', async () => {
    const stored = await created('StatefulSet', { serviceName: 'web' })
    expect(await causesOf(kinds.update(stored, (copy) => void (copy.spec.replicas = -2)))).toEqual([
      'FieldValueInvalid spec.replicas: Invalid value: -2: must be greater than or equal to 0',
    ])
  })
})
