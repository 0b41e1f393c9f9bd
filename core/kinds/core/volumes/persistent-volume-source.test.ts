import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../../testing/test-kinds.ts'
import type { AnyObject } from '../../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

function create(source: string, name = 'v'): Promise<AnyObject> {
  return kinds.create(
    `{ apiVersion: v1, kind: PersistentVolume, metadata: { name: ${name} }, spec: { accessModes: [ReadWriteOnce], capacity: { storage: 1Gi }, ${source} } }`,
  )
}

describe('sources of a PersistentVolume', () => {
  it.each<[source: string, causes: string[]]>([
    [
      'cinder: { secretRef: {} }',
      [
        'FieldValueRequired spec.cinder.volumeID: Required value',
        'FieldValueRequired spec.cinder.secretRef.name: Required value',
        'FieldValueRequired spec.cinder.secretRef.namespace: Required value',
      ],
    ],
    [
      'azureFile: { secretName: s, secretNamespace: "" }',
      [
        'FieldValueRequired spec.azureFile.shareName: Required value',
        'FieldValueRequired spec.azureFile.secretNamespace: Required value',
      ],
    ],
    [
      'glusterfs: { path: p, endpointsNamespace: "" }',
      [
        'FieldValueRequired spec.glusterfs.endpoints: Required value',
        'FieldValueInvalid spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
      ],
    ],
    [
      'rbd: {}',
      [
        'FieldValueRequired spec.rbd.monitors: Required value',
        'FieldValueRequired spec.rbd.image: Required value',
      ],
    ],
    [
      'storageos: { volumeName: A, secretRef: { name: s } }',
      [
        expect.stringContaining('FieldValueInvalid spec.storageos.volumeName: Invalid value: "A"') as string,
        'FieldValueRequired spec.storageos.secretRef.namespace: Required value',
      ],
    ],
    [
      'scaleIO: {}',
      ['gateway', 'system', 'volumeName'].map(
        (name) => `FieldValueRequired spec.scaleIO.${name}: Required value`,
      ),
    ],
    [
      'csi: { driver: a.b, nodeExpandSecretRef: { name: A_ } }',
      [
        'FieldValueRequired spec.csi.volumeHandle: Required value',
        expect.stringContaining(
          'FieldValueInvalid spec.csi.nodeExpandSecretRef.name: Invalid value: "A_"',
        ) as string,
        'FieldValueRequired spec.csi.nodeExpandSecretRef.namespace: Required value',
      ],
    ],
    [
      'iscsi: { targetPortal: 10.0.0.1, iqn: naa.x, lun: 0, initiatorName: eui.0123456789abcdef, secretRef: {} }',
      [
        'FieldValueInvalid spec.iscsi.iqn: Invalid value: "naa.x": must be valid format',
        'FieldValueRequired spec.iscsi.secretRef.name: Required value',
      ],
    ],
    [
      'hostPath: { path: /a/.. }, persistentVolumeReclaimPolicy: Recycle, cephfs: { monitors: [m] }, flexVolume: {}',
      [
        'FieldValueInvalid spec.hostPath.path: Invalid value: "/a/..": must not contain \'..\'',
        'FieldValueForbidden spec.cephFS: Forbidden: may not specify more than 1 volume type',
        'FieldValueRequired spec.flexVolume.driver: Required value',
        "FieldValueForbidden spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
      ],
    ],
  ])('judges %s', async (source, causes) => {
    expect(await causesOf(create(source))).toEqual(causes)
  })

  it('has a name that fits its initiator', async () => {
    const source =
      'iscsi: { targetPortal: 10.0.0.1, iqn: eui.0123456789abcdef, lun: 0, initiatorName: eui.0123456789abcdef }'
    expect(await causesOf(create(source, 'v'.repeat(60)))).toEqual([
      'FieldValueInvalid spec.iscsi.targetportal: Invalid value: "10.0.0.1": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
    ])
  })

  it('keeps its nodes, under the newer names of their labels', async () => {
    const affinity = (key: string): string =>
      `{ required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ${key}, operator: In, values: [a] }] }] } }`
    const volume = await create(
      `local: { path: /x }, nodeAffinity: ${affinity('failure-domain.beta.kubernetes.io/zone')}`,
    )
    const rename = (key: string) => (copy: AnyObject) => {
      copy.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key = key
    }
    expect(await causesOf(kinds.update(volume, rename('zone')))).toEqual([
      'FieldValueInvalid nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"zone","Operator":"In","Values":["a"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
    ])
    expect(await causesOf(kinds.update(volume, rename('topology.kubernetes.io/zone')))).toEqual([])
  })
})
