import { beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../api/meta.ts'
import { refusalOf, TestKinds } from '../../testing/test-kinds.ts'
import type { AnyObject } from '../../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

const volume = `
apiVersion: v1
kind: PersistentVolume
metadata:
  name: my-pv
spec:
  capacity:
    storage: 10Gi
  accessModes:
    - ReadWriteOnce
  persistentVolumeReclaimPolicy: Retain
  storageClassName: standard
  hostPath:
    path: /data/my-pv
`
const claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: my-pvc
spec:
  accessModes:
    - ReadWriteOnce
  resources:
    requests:
      storage: 5Gi
  storageClassName: standard
`

describe('PersistentVolume', () => {
  it('gets defaults, waits, and notes when its phase changes', async () => {
    const made = await kinds.create(volume)
    expect(made.spec).toMatchObject({ volumeMode: 'Filesystem', hostPath: { path: '/data/my-pv', type: '' } })
    expect(made.status).toEqual({ phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' })
    expect(kinds.row(made)).toBe('my-pv 10Gi RWO Retain Pending  standard <unset>  5m | Filesystem')
    kinds.setTime('2026-01-01T00:01:00Z')
    const bound = await kinds.update(made, (copy) => (copy.status.phase = 'Available'), 'status')
    expect(bound.status).toEqual({ phase: 'Available', lastPhaseTransitionTime: '2026-01-01T00:01:00Z' })
    const claimed = await kinds.update(
      bound,
      (copy) => (copy.spec.claimRef = { namespace: 'default', name: 'c' }),
    )
    expect(kinds.row(claimed)).toContain('Available default/c standard')
  })

  it('keeps its source', async () => {
    const made = await kinds.create(volume)
    expect(await refusalOf(kinds.update(made, (copy) => (copy.spec.hostPath.path = '/other')))).toBe(
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ -2,7 +2,7 @@\n  "GCEPersistentDisk": null,\n  "AWSElasticBlockStore": null,\n  "HostPath": {\n-  "Path": "/data/my-pv",\n+  "Path": "/other",\n   "Type": ""\n  },\n  "Glusterfs": null,\n',
    )
    expect(await refusalOf(kinds.update(made, (copy) => (copy.spec.volumeMode = 'Block')))).toBe(
      'volumeMode: Invalid value: "Block": field is immutable',
    )
  })

  it.each([
    ['    - ReadWriteOnce\n', '    []\n', 'spec.accessModes: Required value'],
    [
      '- ReadWriteOnce',
      '- Always',
      'spec.accessModes: Unsupported value: "Always": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [
      '- ReadWriteOnce',
      '- ReadWriteOnce\n    - ReadWriteOncePod',
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
    [
      'storage: 10Gi',
      'storage: "0"',
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
    ],
    [
      '    storage: 10Gi',
      '    storage: 10Gi\n    cpu: 1',
      'spec.capacity: Unsupported value: {"storage":"10Gi","cpu":"1"}: supported values: "storage"',
    ],
    ['  hostPath:\n    path: /data/my-pv\n', '', 'spec: Required value: must specify a volume type'],
    [
      '  hostPath:',
      '  nfs: { server: s, path: /x }\n  hostPath:',
      'spec.nfs: Forbidden: may not specify more than 1 volume type',
    ],
    [
      'path: /data/my-pv',
      'path: /data/../x',
      `spec.hostPath.path: Invalid value: "/data/../x": must not contain '..'`,
    ],
    ['  hostPath:', '  local:', 'spec.nodeAffinity: Required value: Local volume requires node affinity'],
    [
      'Policy: Retain',
      'Policy: Keep',
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Recycle", "Retain"',
    ],
  ])('refuses %j in place of %j', async (from, to, message) => {
    expect(await refusalOf(kinds.create(volume.replace(from, to)))).toBe(message)
  })
})

describe('PersistentVolumeClaim', () => {
  it('gets defaults and shows what it is bound to', async () => {
    const made = await kinds.create(claim)
    expect(made.spec.volumeMode).toBe('Filesystem')
    expect(kinds.row(made)).toBe('my-pvc Pending    standard <unset> 5m | Filesystem')
    const named = await kinds.update(made, (copy) => (copy.spec.volumeName = 'my-pv'))
    const bound = await kinds.update(
      named,
      (copy) =>
        (copy.status = { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '10Gi' } }),
      'status',
    )
    expect(kinds.row(bound)).toBe('my-pvc Bound my-pv 10Gi RWO standard <unset> 5m | Filesystem')
  })

  it('lets only a bound claim grow, and nothing else change', async () => {
    const made = await kinds.create(claim)
    const grow = (object: KubeObject, storage: string): Promise<unknown> =>
      kinds.update(object, (copy) => (copy.spec.resources.requests.storage = storage))
    const immutable =
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    expect(await refusalOf(grow(made, '6Gi'))).toContain(immutable)
    const bound = await kinds.update(
      made,
      (copy) => (copy.status = { phase: 'Bound', capacity: { storage: '5Gi' } }),
      'status',
    )
    expect(await refusalOf(grow(bound, '6Gi'))).toBe('accepted')
    expect(await refusalOf(kinds.update(bound, (copy) => (copy.spec.storageClassName = 'other')))).toContain(
      'modified',
    )
    expect(
      await refusalOf(grow({ ...bound, metadata: { ...bound.metadata, resourceVersion: '' } }, '4Gi')),
    ).toBe('spec.resources.requests.storage: Forbidden: field can not be less than status.capacity')
  })

  it('fills in the class and the data source it can know', async () => {
    const made = await kinds.create(
      claim.replace(
        '  storageClassName: standard\n',
        '  dataSource: { kind: PersistentVolumeClaim, name: other }\n',
      ),
    )
    expect(made.spec.dataSourceRef).toEqual({ kind: 'PersistentVolumeClaim', name: 'other' })
    const classed = await kinds.update(made, (copy) => (copy.spec.storageClassName = 'standard'))
    expect(
      await refusalOf(kinds.update(classed, (copy) => (copy.spec.storageClassName = 'other'))),
    ).toContain('spec: Forbidden: spec is immutable')
  })

  it.each([
    [
      '    - ReadWriteOnce\n',
      '    []\n',
      'spec.accessModes: Required value: at least 1 access mode is required',
    ],
    ['storage: 5Gi', 'cpu: 1', 'spec.resources[storage]: Required value'],
    [
      'storage: 5Gi',
      'storage: -1Gi',
      'spec.resources[storage]: Invalid value: "-1Gi": must be greater than zero',
    ],
    [
      '  storageClassName: standard',
      '  dataSourceRef: { kind: Pod, name: a }',
      `[spec.dataSource: Invalid value: "Pod": must be 'PersistentVolumeClaim' when referencing the default apiGroup, spec.dataSourceRef: Invalid value: "Pod": must be 'PersistentVolumeClaim' when referencing the default apiGroup]`,
    ],
  ])('refuses %j in place of %j', async (from, to, message) => {
    expect(await refusalOf(kinds.create(claim.replace(from, to)))).toBe(message)
  })

  it('forgets a data source that its older name does not know', async () => {
    const source = '  dataSource: { apiGroup: example.com, kind: Box, name: a }'
    const made = await kinds.create(claim.replace('  storageClassName: standard', source))
    expect(made.spec).not.toHaveProperty('dataSource')
    expect(made.spec).not.toHaveProperty('dataSourceRef')
  })

  it('keeps the class that its annotation names', async () => {
    const annotation = 'volume.beta.kubernetes.io/storage-class'
    const old = claim.replace('  storageClassName: standard\n', '')
    const made = await kinds.create(
      old.replace('name: my-pvc', `name: my-pvc\n  annotations: { ${annotation}: a }`),
    )
    const change = (copy: AnyObject): unknown => (copy.metadata.annotations[annotation] = 'b')
    expect(await refusalOf(kinds.update(made, change))).toBe(
      `metadata.annotations.${annotation}: Invalid value: "b": field is immutable`,
    )
    const moved = await kinds.update(made, (copy) => (copy.spec.storageClassName = 'a'))
    expect(moved.spec.storageClassName).toBe('a')
  })

  it('has a status that makes sense', async () => {
    const made = await kinds.create(claim)
    const status = {
      capacity: { storage: '-1' },
      allocatedResourceStatuses: { storage: 'Odd' },
      allocatedResources: { cpu: '1' },
    }
    expect(await refusalOf(kinds.update(made, (copy) => (copy.status = status), 'status'))).toBe(
      '[status.capacity[storage]: Invalid value: -1: must be a valid resource quantity, status.allocatedResourceStatus: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending", status.allocatedResources: Unsupported value: "cpu": supported values: "storage"]',
    )
  })
})
