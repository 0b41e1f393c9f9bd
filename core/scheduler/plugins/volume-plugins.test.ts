import { describe, expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import { storageClassOf } from '../../api/volume-binding.ts'
import type { PodInfo } from '../pod-info.ts'
import { clusterOf, node, pod, verdicts } from '../testing/cluster-fixture.ts'
import type { StorageView } from '../volumes/storage-view.ts'
import { nodeVolumeLimits } from './node-volume-limits.ts'
import { volumeBinding } from './volume-binding.ts'
import { volumeRestrictions } from './volume-restrictions.ts'
import { volumeZone } from './volume-zone.ts'

function claim(name: string, more: Partial<PersistentVolumeClaim['spec']> = {}): PersistentVolumeClaim {
  const { volumeName } = more
  return {
    metadata: {
      namespace: 'default',
      name,
      uid: `uid-${name}`,
      annotations: volumeName ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {},
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'late',
      ...more,
    },
    status: { phase: volumeName ? 'Bound' : 'Pending' },
  }
}

function volume(
  name: string,
  spec: Partial<PersistentVolume['spec']> = {},
  labels?: Record<string, string>,
): PersistentVolume {
  return {
    metadata: { name, ...(labels ? { labels } : {}) },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'late',
      ...spec,
    },
    status: { phase: 'Available' },
  }
}

const onNode = (name: string): PersistentVolume['spec'] => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] },
      ],
    },
  },
})

const late: StorageClass = {
  metadata: { name: 'late' },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
}
const dynamic: StorageClass = { ...late, metadata: { name: 'dynamic' }, provisioner: 'example.com/disk' }

function storage(
  objects: { claims?: PersistentVolumeClaim[]; volumes?: PersistentVolume[]; classes?: StorageClass[] },
  more: Partial<StorageView> = {},
): Partial<StorageView> {
  const { claims = [], volumes = [], classes = [late, dynamic] } = objects
  return {
    claim: (key) => claims.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
    volumesOfClass: (name) => volumes.filter((one) => storageClassOf(one) === name),
    storageClass: (name) => classes.find(({ metadata }) => metadata.name === name),
    ...more,
  }
}

function using(names: string[], name = 'new', nodeName?: string): PodInfo {
  const volumes = names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }))
  return pod(name, { spec: { volumes }, ...(nodeName ? { node: nodeName } : {}) })
}

describe('volume binding', () => {
  const nodes = [node('a'), node('b')]

  it.each<[string, PersistentVolumeClaim[], string]>([
    ['a claim that is not there', [], 'persistentvolumeclaim "data" not found'],
    [
      'a claim that waits for the binder',
      [claim('data', { storageClassName: '' })],
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    [
      'a lost volume',
      [{ ...claim('data', { volumeName: 'gone' }), status: { phase: 'Lost' } }],
      'persistentvolumeclaim "data" bound to non-existent persistentvolume "gone"',
    ],
  ])('refuses every node over %s', (_what, claims, reason) => {
    const cluster = clusterOf(nodes, [], { storage: storage({ claims }) })
    expect(volumeBinding.prepare(using(['data']), cluster)?.refusal).toBe(reason)
    expect(verdicts(volumeBinding, using(['data']), cluster)).toEqual({ a: [reason], b: [reason] })
  })

  it('follows a bound volume to its node', () => {
    const claims = [claim('data', { volumeName: 'disk' })]
    const volumes = [volume('disk', onNode('b'))]
    const cluster = clusterOf(nodes, [], { storage: storage({ claims, volumes }) })
    expect(verdicts(volumeBinding, using(['data']), cluster)).toEqual({
      a: ['node(s) had volume node affinity conflict'],
      b: [],
    })
  })

  it('needs a free volume for each claim on the same node', () => {
    const claims = [claim('one'), claim('two')]
    const volumes = [
      volume('a1', onNode('a')),
      volume('b1', onNode('b')),
      volume('b2', onNode('b')),
      volume('b3', { ...onNode('b'), capacity: { storage: '10Mi' } }),
    ]
    const cluster = clusterOf(nodes, [], { storage: storage({ claims, volumes }) })
    expect(verdicts(volumeBinding, using(['one', 'two']), cluster)).toEqual({
      a: ["node(s) didn't find available persistent volumes to bind"],
      b: [],
    })
  })

  it('leaves volumes alone that another pod has just chosen', () => {
    const found = storage(
      { claims: [claim('data')], volumes: [volume('a1', onNode('a')), volume('b1', onNode('b'))] },
      { assumedClaimOf: (name) => (name === 'a1' ? 'default/other' : undefined) },
    )
    expect(verdicts(volumeBinding, using(['data']), clusterOf(nodes, [], { storage: found }))).toEqual({
      a: ["node(s) didn't find available persistent volumes to bind"],
      b: [],
    })
  })

  it('has volumes made where the class allows it, and only on the node chosen before', () => {
    const zoned: StorageClass = {
      ...dynamic,
      metadata: { name: 'zoned' },
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['east'] }] }],
    }
    const placed = claim('placed', { storageClassName: 'dynamic' })
    placed.metadata.annotations = { 'volume.kubernetes.io/selected-node': 'b' }
    const cluster = clusterOf([node('a', { zone: 'east' }), node('b')], [], {
      storage: storage({
        claims: [
          claim('free', { storageClassName: 'dynamic' }),
          claim('zoned', { storageClassName: 'zoned' }),
          placed,
        ],
        classes: [late, dynamic, zoned],
      }),
    })
    const none = ["node(s) didn't find available persistent volumes to bind"]
    expect(verdicts(volumeBinding, using(['free']), cluster)).toEqual({ a: [], b: [] })
    expect(verdicts(volumeBinding, using(['zoned']), cluster)).toEqual({ a: [], b: none })
    expect(verdicts(volumeBinding, using(['placed']), cluster)).toEqual({ a: none, b: [] })
  })
})

describe('ReadWriteOncePod', () => {
  const claims = [claim('data', { accessModes: ['ReadWriteOncePod'], volumeName: 'disk' })]
  const conflict = [
    'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
  ]

  it('is for one pod of the cluster, until that goes', () => {
    const holder = using(['data'], 'old', 'a')
    const cluster = clusterOf([node('a'), node('b')], [holder], { storage: storage({ claims }) })
    expect(verdicts(volumeRestrictions, using(['data']), cluster)).toEqual({ a: conflict, b: conflict })
    const nodeA = cluster.nodes()[0]!
    const filter = volumeRestrictions.prepare(using(['data']), cluster)
    filter?.removePod?.(holder, nodeA)
    expect(filter?.check(nodeA)).toBeUndefined()
    const gone = { type: 'PodDelete', pod: holder, node: nodeA } as const
    expect(volumeRestrictions.isHelpedBy?.(using(['data']), gone, cluster)).toBe(true)
    expect(volumeRestrictions.isHelpedBy?.(using(['other']), gone, cluster)).toBe(false)
  })
})

describe('volume zones', () => {
  it('keeps a pod in its volume’s zones', () => {
    const claims = [claim('data', { volumeName: 'disk' })]
    const volumes = [volume('disk', {}, { 'topology.kubernetes.io/zone': 'east__west' })]
    const zone = (name: string, where: string): ReturnType<typeof node> =>
      node(name, { 'topology.kubernetes.io/zone': where })
    const cluster = clusterOf([zone('a', 'east'), zone('b', 'north'), node('c')], [], {
      storage: storage({ claims, volumes }),
    })
    expect(verdicts(volumeZone, using(['data']), cluster)).toEqual({
      a: [],
      b: ['node(s) had no available volume zone'],
      c: [],
    })
  })
})

describe('volume limits', () => {
  it('counts each volume of a driver once', () => {
    const csi = (handle: string): PersistentVolume =>
      volume(handle, { csi: { driver: 'disk.example.com', volumeHandle: handle } })
    const claims = ['v1', 'v2', 'v3'].map((name) => claim(name, { volumeName: name }))
    const limits = { drivers: [{ name: 'disk.example.com', nodeID: 'n', allocatable: { count: 2 } }] }
    const found = storage(
      { claims, volumes: ['v1', 'v2', 'v3'].map(csi) },
      { csiNode: (name) => (name === 'a' ? { metadata: { name }, spec: limits } : undefined) },
    )
    const there = [using(['v1'], 'p1', 'a'), using(['v1', 'v2'], 'p2', 'a')]
    const cluster = clusterOf([node('a'), node('b')], there, { storage: found })
    expect(verdicts(nodeVolumeLimits, using(['v3']), cluster)).toEqual({
      a: ['node(s) exceed max volume count'],
      b: [],
    })
    expect(verdicts(nodeVolumeLimits, using(['v2']), cluster)).toEqual({ a: [], b: [] })
    // A node beyond a limit that was lowered: what is attached already takes nothing more.
    limits.drivers[0]!.allocatable.count = 1
    expect(verdicts(nodeVolumeLimits, using(['v2']), cluster)).toEqual({ a: [], b: [] })
    expect(verdicts(nodeVolumeLimits, using(['v2', 'v3']), cluster)).toMatchObject({
      a: ['node(s) exceed max volume count'],
    })
  })
})
