import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

const time = '2026-01-01T00:00:00Z'

describe('the storage.k8s.io group', () => {
  it.each<[yaml: string, causes: string[]]>([
    [
      '{ kind: CSIDriver, metadata: { name: d }, spec: { fsGroupPolicy: Odd, volumeLifecycleModes: [Odd], nodeAllocatableUpdatePeriodSeconds: 9, tokenRequests: [{ audience: a, expirationSeconds: 1 }, { audience: a, expirationSeconds: 1 }] } }',
      [
        'FieldValueNotSupported spec.fsGroupPolicy: Unsupported value: "Odd": supported values: "File", "None", "ReadWriteOnceWithFSType"',
        'FieldValueInvalid spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
        'FieldValueDuplicate spec.tokenRequests[1].audience: Duplicate value: "a"',
        'FieldValueNotSupported spec.volumeLifecycleModes: Unsupported value: "Odd": supported values: "Persistent", "Ephemeral"',
        'FieldValueInvalid spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
      ],
    ],
    [
      '{ kind: CSIDriver, metadata: { name: d }, spec: { serviceAccountTokenInSecrets: true } }',
      [
        'FieldValueInvalid spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
      ],
    ],
    [
      '{ kind: CSINode, metadata: { name: n }, spec: { drivers: [{ name: d.example.com, nodeID: "", topologyKeys: [zone, zone], allocatable: { count: -1 } }] } }',
      [
        'FieldValueRequired spec.drivers[0].nodeID: Required value',
        'FieldValueInvalid spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
        'FieldValueDuplicate spec.drivers[0]: Duplicate value: "zone"',
      ],
    ],
    [
      '{ kind: VolumeAttachment, metadata: { name: a }, spec: { attacher: "", nodeName: n, source: { persistentVolumeName: "" } } }',
      [
        'FieldValueRequired spec.attacher: Required value',
        'FieldValueRequired spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
        "FieldValueInvalid spec.source.persistentVolumeName: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
    [
      '{ kind: VolumeAttributesClass, metadata: { name: a } }',
      [
        'FieldValueRequired driverName: Required value',
        'FieldValueRequired parameters: Required value: must contain at least one key/value pair',
      ],
    ],
    [
      '{ kind: StorageClass, metadata: { name: a }, reclaimPolicy: Recycle, volumeBindingMode: Odd, allowedTopologies: [{ matchLabelExpressions: [{ key: a, values: [] }] }] }',
      [
        'FieldValueRequired provisioner: Required value',
        'FieldValueNotSupported reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
        'FieldValueNotSupported volumeBindingMode: Unsupported value: "Odd": supported values: "Immediate", "WaitForFirstConsumer"',
        'FieldValueRequired allowedTopologies[0].matchLabelExpressions[0].values: Required value',
      ],
    ],
    [
      '{ kind: CSIStorageCapacity, metadata: { name: a }, storageClassName: fast, capacity: "-1", maximumVolumeSize: "-1" }',
      ['FieldValueInvalid capacity: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ])('refuses %s', async (yaml, causes) => {
    expect(await causesOf(kinds.create(yaml))).toEqual(causes)
  })

  it('keeps what may not change', async () => {
    const driver = await kinds.create('{ kind: CSIDriver, metadata: { name: d }, spec: {} }')
    expect(await causesOf(kinds.update(driver, ({ spec }) => void (spec.attachRequired = false)))).toEqual([
      'FieldValueInvalid spec.attachedRequired: Invalid value: false: field is immutable',
    ])
    const node = await kinds.create(
      '{ kind: CSINode, metadata: { name: n }, spec: { drivers: [{ name: d.example.com, nodeID: n }] } }',
    )
    const recount = kinds.update(node, ({ spec }) => void (spec.drivers[0].allocatable = { count: 3 }))
    expect(await causesOf(recount)).toEqual([])
    const rename = kinds.update(await recount, ({ spec }) => void (spec.drivers[0].nodeID = 'm'))
    expect(await causesOf(rename)).toEqual([
      'FieldValueInvalid spec.drivers: Invalid value: {"Name":"d.example.com","NodeID":"m","TopologyKeys":null,"Allocatable":null}: field is immutable',
    ])
  })

  it('bounds what is said of an attachment', async () => {
    const attachment = await kinds.create(
      '{ kind: VolumeAttachment, metadata: { name: a }, spec: { attacher: d, nodeName: n, source: { persistentVolumeName: pv } } }',
    )
    const attachError = { time, message: 'x'.repeat(1025), errorCode: -1 }
    const said = kinds.update(
      attachment,
      (copy) => void (copy.status = { attached: false, attachError }),
      'status',
    )
    expect(await causesOf(said)).toEqual([
      'FieldValueTooLong status.attachError.message: Too long: may not be more than 262144 bytes',
      'FieldValueInvalid status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ])
  })
})
