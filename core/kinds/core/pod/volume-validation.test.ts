import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import type { Volume } from '../../../api/generated/core-v1.ts'
import { defaultVolume } from './volume-defaults.ts'
import { validateVolumes } from './volume-validation.ts'

/** What is wrong with one volume `v` of the pod `p`. */
function problems(source: string): string[] {
  return problemsOf([{ name: 'v', ...(parse(source) as Omit<Volume, 'name'>) }])
}

function problemsOf(volumes: Volume[]): string[] {
  for (const volume of volumes) defaultVolume(volume)
  const { errors } = validateVolumes(volumes, 'v', { name: 'p' })
  return errors.map(({ type, field, message }) => `${type} ${field}: ${message}`)
}

describe('volumes of a pod', () => {
  it.each<[source: string, expected: string[]]>([
    [
      '{ emptyDir: { sizeLimit: "-1" } }',
      [
        'FieldValueForbidden v[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity',
      ],
    ],
    ['{ hostPath: { type: Odd } }', ['FieldValueRequired v[0].hostPath.path: Required value']],
    [
      '{ hostPath: { path: /a/../b }, cephfs: { monitors: [] }, downwardAPI: {} }',
      [
        'FieldValueInvalid v[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
        'FieldValueForbidden v[0].cephFS: Forbidden: may not specify more than 1 volume type',
        'FieldValueForbidden v[0].downwarAPI: Forbidden: may not specify more than 1 volume type',
      ],
    ],
    [
      '{ gitRepo: { directory: /a } }',
      [
        'FieldValueRequired v[0].gitRepo.repository: Required value',
        'FieldValueInvalid v[0].gitRepo.directory: Invalid value: "/a": must be a relative path',
      ],
    ],
    [
      '{ gcePersistentDisk: { partition: 256 } }',
      [
        'FieldValueRequired v[0].persistentDisk.pdName: Required value',
        'FieldValueInvalid v[0].persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive',
      ],
    ],
    [
      '{ secret: { defaultMode: 512, items: [{ path: ../x }, { key: k, path: ..x }] } }',
      [
        'FieldValueRequired v[0].secret.secretName: Required value',
        'FieldValueInvalid v[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
        'FieldValueRequired v[0].secret.items[0].key: Required value',
        'FieldValueInvalid v[0].secret.items[0].path: Invalid value: "../x": must not contain \'..\'',
        'FieldValueInvalid v[0].secret.items[1].path: Invalid value: "..x": must not start with \'..\'',
      ],
    ],
    [
      '{ nfs: { server: s } }',
      [
        'FieldValueRequired v[0].nfs.path: Required value',
        'FieldValueInvalid v[0].nfs.path: Invalid value: "": must be an absolute path',
      ],
    ],
    [
      '{ iscsi: { iqn: "iqn.x", lun: 256, chapAuthSession: true, initiatorName: odd } }',
      [
        'FieldValueRequired v[0].iscsi.targetPortal: Required value',
        'FieldValueInvalid v[0].iscsi.iqn: Invalid value: "iqn.x": must be valid format',
        'FieldValueInvalid v[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
        'FieldValueRequired v[0].iscsi.secretRef: Required value',
        'FieldValueInvalid v[0].iscsi.initiatorname: Invalid value: "odd": must be valid format starting with iqn, eui, or naa',
      ],
    ],
    [
      '{ flocker: {} }',
      ['FieldValueRequired v[0].flocker: Required value: one of datasetName and datasetUUID is required'],
    ],
    [
      '{ quobyte: { registry: "a:1,b" } }',
      [
        'FieldValueInvalid v[0].quobyte.registry: Invalid value: "a:1,b": must be a host:port pair or multiple pairs separated by commas',
        'FieldValueRequired v[0].quobyte.volume: Required value',
      ],
    ],
    [
      '{ fc: {} }',
      [
        'FieldValueRequired v[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both',
      ],
    ],
    [
      '{ flexVolume: { options: { X.kubernetes.io/a: b } } }',
      [
        'FieldValueRequired v[0].flexVolume.driver: Required value',
        'FieldValueInvalid v[0].flexVolume.options[X.kubernetes.io/a]: Invalid value: "X.kubernetes.io/a": kubernetes.io and k8s.io namespaces are reserved',
      ],
    ],
    [
      '{ azureDisk: { diskName: d, diskURI: x, kind: Managed, cachingMode: Odd } }',
      [
        'FieldValueNotSupported v[0].azureDisk.cachingMode: Unsupported value: "Odd": supported values: "None", "ReadOnly", "ReadWrite"',
        'FieldValueNotSupported v[0].azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"',
      ],
    ],
    [
      '{ csi: { nodePublishSecretRef: {} } }',
      [
        'FieldValueRequired v[0].csi.driver: Required value',
        'FieldValueRequired v[0].csi.nodePublishSecretRef.name: Required value',
      ],
    ],
    ['{ image: {} }', ['FieldValueRequired v[0].image.reference: Required value']],
    ['{ ephemeral: {} }', ['FieldValueRequired v[0].ephemeral.volumeClaimTemplate: Required value']],
    [
      '{ ephemeral: { volumeClaimTemplate: { metadata: { name: x, labels: { a: b } }, spec: { accessModes: [ReadWriteOnce] } } } }',
      [
        'FieldValueForbidden v[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set',
        'FieldValueRequired v[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
      ],
    ],
    [
      '{ downwardAPI: { items: [{ path: a }, { path: b, resourceFieldRef: { resource: limits.cpu } }, { path: c, fieldRef: { fieldPath: spec.nodeName } }] } }',
      [
        'FieldValueRequired v[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required',
        'FieldValueRequired v[0].downwardAPI.resourceFieldRef.containerName: Required value',
        'FieldValueNotSupported v[0].downwardAPI.fieldRef.fieldPath: Unsupported value: "spec.nodeName": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
      ],
    ],
    [
      '{ projected: { sources: [{ secret: { name: s, items: [{ key: k, path: f }] } }, { configMap: { items: [{ key: k, path: f }] }, serviceAccountToken: { expirationSeconds: 599 } }, { clusterTrustBundle: { path: x } }] } }',
      [
        'FieldValueRequired v[0].projected.sources[1].configMap.name: Required value',
        'FieldValueInvalid v[0].projected: Invalid value: "": conflicting duplicate paths',
        'FieldValueInvalid v[0].projected.sources[1].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
        'FieldValueRequired v[0].projected.path: Required value',
        'FieldValueForbidden v[0].projected.sources[1]: Forbidden: may not specify more than 1 volume type per source',
        'FieldValueRequired v[0].projected.sources[2].clusterTrustBundle: Required value: either name or signerName must be specified',
      ],
    ],
  ])('judges %s', (source, expected) => {
    expect(problems(source)).toEqual(expected)
  })

  it('are told apart by their names', () => {
    expect(problemsOf([{ name: 'a' }, { name: 'a' }, { name: '' }, { name: 'A' }])).toEqual([
      'FieldValueDuplicate v[1].name: Duplicate value: "a"',
      'FieldValueRequired v[2].name: Required value',
      expect.stringContaining('FieldValueInvalid v[3].name: Invalid value: "A"'),
    ])
  })

  it('do not refer to a claim that is made for the pod', () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    const claimed: Volume = { name: 'b', persistentVolumeClaim: { claimName: 'p-a' } }
    expect(problemsOf([{ name: 'a', ephemeral: { volumeClaimTemplate: { spec } } }, claimed])).toEqual([
      'FieldValueInvalid v[1].persistentVolumeClaim.claimName: Invalid value: "p-a": must not reference a PVC that gets created for an ephemeral volume',
    ])
  })
})
