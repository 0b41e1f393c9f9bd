import { beforeEach, describe, expect, it } from 'vitest'
import { refusalOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

describe('StorageClass', () => {
  const yaml = `
kind: StorageClass
metadata: { name: standard, annotations: { storageclass.kubernetes.io/is-default-class: 'true' } }
provisioner: rancher.io/local-path
parameters: { kind: fast }
`
  it('gets defaults, is marked as the default and stays what it is', async () => {
    const made = await kinds.create(yaml)
    expect(kinds.row(made)).toBe('standard (default) rancher.io/local-path Delete Immediate false 5m')
    expect(await refusalOf(kinds.update(made, (copy) => (copy.parameters.kind = 'slow')))).toBe(
      'parameters: Forbidden: updates to parameters are forbidden.',
    )
    expect(await refusalOf(kinds.update(made, (copy) => (copy.reclaimPolicy = 'Retain')))).toBe(
      'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
    )
    expect(
      await refusalOf(kinds.update(made, (copy) => (copy.volumeBindingMode = 'WaitForFirstConsumer'))),
    ).toBe('volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable')
    const wider = await kinds.update(made, (copy) => (copy.allowVolumeExpansion = true))
    expect(kinds.row(wider)).toContain('Immediate true')
  })

  it.each([
    ['provisioner: rancher.io/local-path\n', '', 'provisioner: Required value'],
    [
      'parameters:',
      'reclaimPolicy: Recycle\nparameters:',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
    ],
    [
      'parameters:',
      'volumeBindingMode: Later\nparameters:',
      'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
    ],
    [
      'parameters:',
      'allowedTopologies: [{ matchLabelExpressions: [{ key: zone }] }]\nparameters:',
      'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
    ],
  ])('refuses %j in place of %j', async (from, to, message) => {
    expect(await refusalOf(kinds.create(yaml.replace(from, to)))).toBe(message)
  })
})

describe('CSI kinds', () => {
  it('CSIDriver gets defaults and counts a generation', async () => {
    const made = await kinds.create(
      '{ kind: CSIDriver, metadata: { name: disk.example.com }, spec: { tokenRequests: [{ audience: vault }] } }',
    )
    expect(made.spec).toEqual({
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      requiresRepublish: false,
      seLinuxMount: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
      tokenRequests: [{ audience: 'vault' }],
    })
    expect(kinds.row(made)).toBe('disk.example.com true false false vault false Persistent 5m')
    expect(await refusalOf(kinds.update(made, (copy) => (copy.spec.attachRequired = false)))).toBe(
      'spec.attachedRequired: Invalid value: false: field is immutable',
    )
    // Upstream gives a new driver none.
    expect(made.metadata.generation).toBeUndefined()
    const changed = await kinds.update(made, (copy) => (copy.spec.requiresRepublish = true))
    expect(changed.metadata.generation).toBe(1)
  })

  it('CSINode keeps what a driver registered', async () => {
    const made = await kinds.create(
      '{ kind: CSINode, metadata: { name: n1 }, spec: { drivers: [{ name: disk.example.com, nodeID: n1 }] } }',
    )
    expect(kinds.row(made)).toBe('n1 1 5m')
    expect(await refusalOf(kinds.update(made, (copy) => (copy.spec.drivers[0].nodeID = 'n2')))).toContain(
      'spec.drivers: Invalid value',
    )
    expect(
      await refusalOf(
        kinds.create(
          '{ kind: CSINode, metadata: { name: n2 }, spec: { drivers: [{ name: a.b, nodeID: x }, { name: a.b, nodeID: y }] } }',
        ),
      ),
    ).toBe('spec.drivers[1].name: Duplicate value: "a.b"')
  })

  it('VolumeAttachment has one source and a fixed spec', async () => {
    const yaml = (source: string): string =>
      `{ kind: VolumeAttachment, metadata: { name: a }, spec: { attacher: disk.example.com, nodeName: n1, source: ${source} } }`
    expect(await refusalOf(kinds.create(yaml('{}')))).toBe(
      'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
    )
    const made = await kinds.create(yaml('{ persistentVolumeName: pv }'))
    expect(kinds.row(made)).toBe('a disk.example.com pv n1 false 5m')
    expect(await refusalOf(kinds.update(made, (copy) => (copy.spec.nodeName = 'n2')))).toContain(
      'field is immutable',
    )
  })

  it('VolumeAttributesClass and CSIStorageCapacity are checked', async () => {
    expect(
      await refusalOf(
        kinds.create('{ kind: VolumeAttributesClass, metadata: { name: a }, driverName: disk.example.com }'),
      ),
    ).toContain('parameters: Required value')
    expect(
      await refusalOf(
        kinds.create(
          '{ kind: CSIStorageCapacity, metadata: { name: a }, storageClassName: fast, capacity: -1Gi }',
        ),
      ),
    ).toBe('capacity: Invalid value: "-1Gi": must be greater than or equal to 0')
  })
})
