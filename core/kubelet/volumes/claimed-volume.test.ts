import { describe, expect, it } from 'vitest'
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodStatus,
  Volume,
} from '../../api/generated/core-v1.ts'
import { createFakeApi } from '../testing/fake-api.ts'
import { claimedVolume } from './claimed-volume.ts'
import type { VolumeError } from './volume-error.ts'

const volume: Volume = { name: 'data', persistentVolumeClaim: { claimName: 'data' } }

function pod(name: string, more: { node?: string; created?: string; status?: PodStatus } = {}): Pod {
  const { node = 'n1', created = '2026-01-01T00:00:00Z', status } = more
  return {
    metadata: { namespace: 'default', name, uid: `uid-${name}`, creationTimestamp: created },
    spec: { nodeName: node, containers: [{ name: 'c', image: 'x' }], volumes: [volume] },
    ...(status ? { status } : {}),
  }
}

const provisioned: PersistentVolume['spec'] = {
  accessModes: ['ReadWriteOnce'],
  capacity: { storage: '1Gi' },
  csi: { driver: 'local.wheelhouse.io', volumeHandle: 'pv' },
}

interface World {
  claim?: Partial<PersistentVolumeClaim>
  spec?: PersistentVolume['spec']
  others?: Pod[]
  /** Whether drivers say they have to attach; silent ones have to. */
  attachRequired?: boolean
  attached?: string[]
}

/** Volumes that the kubelet told it wants attached. */
let wanted: string[] = []

async function mount(subject: Pod, world: World = {}, used = volume): ReturnType<typeof claimedVolume> {
  const api = createFakeApi()
  for (const other of [subject, ...(world.others ?? [])]) api.createPod(other)
  const volumesAttached = (world.attached ?? []).map((name) => ({ name, devicePath: '' }))
  api.nodes.set('n1', {
    metadata: { name: 'n1', labels: { disk: 'ssd' } },
    spec: {},
    status: { volumesAttached },
  })
  if (world.attachRequired !== undefined) {
    const { attachRequired } = world
    const metadata = { name: 'disk.example.com' }
    api.csiDrivers.set(metadata.name, { metadata, spec: { attachRequired } })
  }
  wanted = []
  api.claims.set('default/data', {
    metadata: { namespace: 'default', name: 'data', uid: 'claim' },
    spec: { volumeName: 'pv' },
    status: { phase: 'Bound' },
    ...world.claim,
  })
  api.persistentVolumes.set('pv', {
    metadata: { name: 'pv' },
    spec: {
      claimRef: { namespace: 'default', name: 'data', uid: 'claim' },
      ...(world.spec ?? provisioned),
    },
  })
  return claimedVolume(subject, used, { storage: api, useAttachable: (_, name) => void wanted.push(name) })
}

async function refusal(...given: Parameters<typeof mount>): Promise<[string, string]> {
  const error = (await mount(...given).catch((thrown: unknown) => thrown)) as VolumeError
  return [error.reason, error.message]
}

const processing = (problem: string): [string, string] => [
  'FailedMount',
  `Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]: error processing PVC default/data: ${problem}`,
]

describe('the volume of a claim', () => {
  it('is a path of the host, or what the provisioner made', async () => {
    expect(await mount(pod('p'))).toEqual({ name: 'data', kind: 'persistent', mode: 0o777, handle: 'pv' })
    const hostPath = { path: '/x', type: 'Directory' }
    expect(await mount(pod('p'), { spec: { hostPath } })).toMatchObject({
      kind: 'hostPath',
      hostPath: '/x',
      hostPathType: 'Directory',
    })
  })

  it.each<[string, Partial<PersistentVolumeClaim>, string]>([
    ['is not bound', { status: { phase: 'Pending' } }, 'PVC is not bound'],
    [
      'is being deleted',
      { metadata: { namespace: 'default', name: 'data', uid: 'claim', deletionTimestamp: 'now' } },
      'PVC is being deleted',
    ],
    [
      'has a volume that is another one’s',
      { metadata: { namespace: 'default', name: 'data', uid: 'newer' } },
      'found PV object pv with a pv.Spec.ClaimRef.UID claim that does not point to claim.UID newer',
    ],
    [
      'names a volume that is gone',
      { spec: { volumeName: 'gone' } },
      'failed to get PV gone: persistentvolumes "gone" not found',
    ],
  ])('cannot be had when the claim %s', async (_what, claim, problem) => {
    expect(await refusal(pod('p'), { claim })).toEqual(processing(problem))
  })

  it('cannot be had for a claim that is not there', async () => {
    const used = { name: 'data', persistentVolumeClaim: { claimName: 'none' } }
    const subject = pod('p')
    subject.spec.volumes = [used]
    const problem = 'failed to fetch PVC from API server: persistentvolumeclaims "none" not found'
    const [, message] = await refusal(subject, {}, used)
    expect(message).toContain(`error processing PVC default/none: ${problem}`)
  })

  it.each<[string, PersistentVolume['spec'], string, string]>([
    [
      'a network file system',
      { nfs: { server: 's', path: '/' } },
      'FailedMount',
      'MountVolume.SetUp failed for volume "pv" : nfs volumes are not supported on this node; use hostPath, local, or the StorageClass of the built-in provisioner',
    ],
    [
      'a block device',
      { ...provisioned, volumeMode: 'Block' },
      'FailedMapVolume',
      'MapVolume.SetUpDevice failed for volume "pv" : block volumes are not supported on this node: containers get file systems only',
    ],
    [
      'another node',
      {
        ...provisioned,
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['hdd'] }] }],
          },
        },
      },
      'FailedMount',
      'MountVolume.NodeAffinity check failed for volume "pv" : no matching NodeSelectorTerms',
    ],
  ])('is refused for %s', async (_what, spec, reason, message) => {
    expect(await refusal(pod('p'), { spec })).toEqual([reason, message])
  })
})

describe('a volume of a CSI driver', () => {
  const spec: PersistentVolume['spec'] = { csi: { driver: 'disk.example.com', volumeHandle: 'h' } }
  const unique = 'kubernetes.io/csi/disk.example.com^h'
  const noDriver =
    'MountVolume.MountDevice failed for volume "pv" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name disk.example.com not found in the list of registered CSI drivers'

  it.each([undefined, true])('has to be attached first (attachRequired: %s)', async (attachRequired) => {
    const world = { spec, ...(attachRequired === undefined ? {} : { attachRequired }) }
    expect(await refusal(pod('p'), world)).toEqual([
      'FailedMount',
      'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data], failed to process volumes=[]: volume "pv" is not attached to the node yet',
    ])
    expect(wanted).toEqual([unique])
    expect(await refusal(pod('p'), { ...world, attached: [unique] })).toEqual(['FailedMount', noDriver])
  })

  it('that needs no attaching fails for want of its driver', async () => {
    expect(await refusal(pod('p'), { spec, attachRequired: false })).toEqual(['FailedMount', noDriver])
    expect(wanted).toEqual([])
  })
})

describe('a volume for one node', () => {
  const multiAttach = (names: string): [string, string] => [
    'FailedAttachVolume',
    `Multi-Attach error for volume "pv" Volume is already used by pod(s) ${names}`,
  ]

  it('waits for the pods on other nodes that have it', async () => {
    const others = [
      pod('b', { node: 'n2', created: '2026-02-01T00:00:00Z', status: { phase: 'Running' } }),
      pod('a', { node: 'n3', created: '2025-01-01T00:00:00Z' }),
    ]
    expect(await refusal(pod('p'), { others })).toEqual(multiAttach('a, b'))
  })

  it('is shared on a node, and free once its pods ended or before they begin', async () => {
    const others = [
      pod('same', { status: { phase: 'Running' } }),
      pod('ended', { node: 'n2', status: { phase: 'Succeeded' } }),
      pod('later', { node: 'n2', created: '2026-02-01T00:00:00Z', status: { phase: 'Pending' } }),
    ]
    expect(await mount(pod('p'), { others })).toMatchObject({ kind: 'persistent' })
  })

  it('lets exactly one of two pods go first that begin together', async () => {
    const [one, two] = [pod('one', { node: 'n1' }), pod('two', { node: 'n2' })]
    const outcomes = await Promise.allSettled([mount(one, { others: [two] }), mount(two, { others: [one] })])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('may be had anywhere when its modes say so', async () => {
    const others = [pod('b', { node: 'n2', status: { phase: 'Running' } })]
    const many = { ...provisioned, accessModes: ['ReadWriteMany'] }
    expect(await mount(pod('p'), { others, spec: many })).toMatchObject({ kind: 'persistent' })
    const readers = { ...provisioned, accessModes: ['ReadOnlyMany'] }
    expect(await mount(pod('p'), { others, spec: readers })).toMatchObject({ readOnly: true })
  })
})
