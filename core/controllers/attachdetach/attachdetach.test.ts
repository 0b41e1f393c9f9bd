import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { VolumeAttachment } from '../../api/generated/storage-v1.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import type { Controller } from '../kit/controller.ts'
import { createAttachDetachController } from './attachdetach.ts'

let plane: TestControlPlane
let controller: Controller
let clock: FakeClock
beforeEach(async () => {
  clock = new FakeClock()
  plane = createTestControlPlane({ clock })
  controller = createAttachDetachController(plane.dependencies)
  await controller.start()
  const { client } = plane
  await client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
  for (const name of ['n1', 'n2']) await client.create(resources.nodes, { metadata: { name }, spec: {} })
  await createVolume('disk.example.com')
})
afterEach(async () => {
  await controller.stop()
  await plane.close()
})

const unique = 'kubernetes.io/csi/disk.example.com^vol-1'

/** A claim `data` that is bound to a volume of the driver. */
async function createVolume(driver: string, accessModes = ['ReadWriteOnce']): Promise<void> {
  const { client } = plane
  const claim = await client.create(resources.persistentVolumeClaims, {
    metadata: {
      namespace: 'default',
      name: 'data',
      annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
    },
    spec: {
      accessModes,
      storageClassName: '',
      volumeName: 'pv',
      resources: { requests: { storage: '1Gi' } },
    },
  })
  const { uid = '' } = claim.metadata
  await client.create(resources.persistentVolumes, {
    metadata: { name: 'pv' },
    spec: {
      accessModes,
      capacity: { storage: '1Gi' },
      csi: { driver, volumeHandle: 'vol-1' },
      claimRef: { namespace: 'default', name: 'data', uid },
    },
  })
}

async function createPod(name: string, nodeName: string): Promise<void> {
  await plane.client.create(resources.pods, {
    metadata: { namespace: 'default', name },
    spec: {
      nodeName,
      containers: [{ name: 'c', image: 'nginx' }],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
    },
  })
}

async function list(): Promise<VolumeAttachment[]> {
  return (await plane.client.list(resources.volumeAttachments)).items
}

async function attachment(): Promise<VolumeAttachment> {
  return waitFor(async () => (await list())[0])
}

async function attachedTo(name: string): Promise<unknown> {
  return (await plane.client.get(resources.nodes, { name })).status?.volumesAttached
}

async function told(reason: string): Promise<string[]> {
  await plane.flushEvents()
  const { items } = await plane.client.list(resources.events)
  return items.filter((event) => event.reason === reason).map(({ message }) => message ?? '')
}

/** What the driver's attacher does. */
async function attach(): Promise<void> {
  const current = await attachment()
  await plane.client.updateStatus(resources.volumeAttachments, { ...current, status: { attached: true } })
}

describe('attaching CSI volumes', () => {
  it('is asked of the driver, and told to the kubelet once it is done', async () => {
    await createPod('web', 'n1')
    expect(await attachment()).toMatchObject({
      metadata: { name: 'csi-67beaef07640111ae4680dbb1618fdc2d7e8b400988a31892dc9e25a33572edd' },
      spec: {
        attacher: 'disk.example.com',
        nodeName: 'n1',
        source: { persistentVolumeName: 'pv' },
      },
    })
    expect(await attachedTo('n1')).toBeUndefined()
    await attach()
    await waitFor(async () => (await attachedTo('n1')) !== undefined)
    expect(await attachedTo('n1')).toEqual([{ name: unique, devicePath: '' }])
    expect(await waitFor(async () => (await told('SuccessfulAttachVolume'))[0])).toBe(
      'AttachVolume.Attach succeeded for volume "pv" ',
    )
  })

  it('is undone when no pod of the node needs it and the kubelet let go', async () => {
    await createPod('web', 'n1')
    await attach()
    await waitFor(async () => (await attachedTo('n1')) !== undefined)
    const status = (volumesInUse: string[] | null): Promise<unknown> =>
      plane.client.patch(
        resources.nodes,
        { name: 'n1' },
        { type: 'merge', body: { status: { volumesInUse } }, subresource: 'status' },
      )
    await status([unique])
    const nodes = plane.informers.informer(resources.nodes)
    await waitFor(() => nodes.store.get('n1')?.status?.volumesInUse?.length === 1)
    const ref = { namespace: 'default', name: 'web' }
    await plane.client.delete(resources.pods, ref, { gracePeriodSeconds: 0 })
    const pods = plane.informers.informer(resources.pods)
    await waitFor(() => pods.store.get('default/web') === undefined)
    expect(await list()).toHaveLength(1)
    await status(null)
    await waitFor(async () => (await list()).length === 0)
    expect(await attachedTo('n1')).toBeUndefined()
  })

  it('that a driver says it does not need does not happen', async () => {
    await plane.client.create(resources.csiDrivers, {
      metadata: { name: 'disk.example.com' },
      spec: { attachRequired: false },
    })
    const drivers = plane.informers.informer(resources.csiDrivers)
    await waitFor(() => drivers.store.get('disk.example.com') !== undefined)
    await createPod('web', 'n1')
    const pods = plane.informers.informer(resources.pods)
    await waitFor(() => pods.store.get('default/web') !== undefined)
    await plane.client.patch(
      resources.nodes,
      { name: 'n1' },
      { type: 'merge', body: { metadata: { labels: { seen: 'yes' } } } },
    )
    const nodes = plane.informers.informer(resources.nodes)
    await waitFor(() => nodes.store.get('n1')?.metadata.labels?.['seen'] === 'yes')
    expect(await list()).toEqual([])
  })

  it('that nobody carries out is told on the pod after two minutes; what the attacher says at once', async () => {
    await createPod('web', 'n1')
    const made = await attachment()
    const store = plane.informers.informer(resources.volumeAttachments).store
    await waitFor(() => store.get(made.metadata.name) !== undefined)
    for (let second = 0; second < 150; second += 10) {
      await clock.advance(10_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await waitFor(async () => (await told('FailedAttachVolume'))[0])).toBe(
      'AttachVolume.Attach failed for volume "pv" : timed out waiting for external-attacher of disk.example.com CSI driver to attach volume vol-1',
    )
    await plane.client.delete(resources.volumeAttachments, { name: made.metadata.name })
    const again = await waitFor(async () =>
      (await list()).find(({ metadata }) => metadata.uid !== made.metadata.uid),
    )
    const attachError = { message: 'no such disk' }
    await plane.client.updateStatus(resources.volumeAttachments, {
      ...again,
      status: { attached: false, attachError },
    })
    const message = 'AttachVolume.Attach failed for volume "pv" : no such disk'
    await waitFor(async () => (await told('FailedAttachVolume')).includes(message))
  })

  it('to a second node waits while the first one has a volume for one node', async () => {
    await createPod('web', 'n1')
    await attach()
    await waitFor(async () => (await attachedTo('n1')) !== undefined)
    await createPod('other', 'n2')
    await waitFor(async () =>
      (await told('FailedAttachVolume')).includes(
        'Multi-Attach error for volume "pv" Volume is already used by pod(s) web',
      ),
    )
    expect(await list()).toHaveLength(1)
  })
})
