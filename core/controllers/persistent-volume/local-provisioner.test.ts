import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createVolumeProtectionController } from '../volume-protection/pv-protection.ts'
import { createClaimProtectionController } from '../volume-protection/pvc-protection.ts'
import { createLocalProvisioner } from './local-provisioner.ts'
import { createPersistentVolumeBinder } from './persistent-volume-binder.ts'
import { createVolumeExpander } from './volume-expander.ts'

let plane: TestControlPlane
let controllers: Controller[]
let stored: Set<string>
let problem: Error | undefined
beforeEach(async () => {
  plane = createTestControlPlane()
  stored = new Set()
  problem = undefined
  const { dependencies, client } = plane
  const attempt = async (work: () => void): Promise<void> => {
    if (problem) throw problem
    work()
  }
  const volumeHost = {
    create: (name: string) => attempt(() => void stored.add(name)),
    remove: (name: string) => attempt(() => void stored.delete(name)),
  }
  controllers = [
    ...createPersistentVolumeBinder(dependencies),
    ...createLocalProvisioner({ ...dependencies, volumeHost }),
    createVolumeExpander(dependencies),
    createClaimProtectionController(dependencies),
    createVolumeProtectionController(dependencies),
  ]
  await Promise.all(controllers.map((controller) => controller.start()))
  await client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  await client.create(resources.storageClasses, {
    metadata: { name: 'standard' },
    provisioner: 'local.wheelhouse.io',
    allowVolumeExpansion: true,
  })
})
afterEach(async () => {
  for (const controller of controllers) await controller.stop()
  await plane.close()
})

const ref = { namespace: 'default', name: 'data' }
const getClaim = (): Promise<PersistentVolumeClaim> => plane.client.get(resources.persistentVolumeClaims, ref)
function createClaim(spec: Partial<PersistentVolumeClaim['spec']> = {}): Promise<PersistentVolumeClaim> {
  return plane.client.create(resources.persistentVolumeClaims, {
    metadata: ref,
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'standard',
      ...spec,
    },
  })
}
async function whenBound(): Promise<PersistentVolumeClaim> {
  await waitFor(async () => (await getClaim()).status?.phase === 'Bound')
  return getClaim()
}
async function eventsOf(reason: string): Promise<string[]> {
  await plane.flushEvents()
  const { items } = await plane.client.list(resources.events)
  return items.filter((event) => event.reason === reason).map(({ message }) => message ?? '')
}

describe('the built-in provisioner', () => {
  it('makes a volume for the claim, and deletes it with the claim', async () => {
    const { metadata } = await createClaim({ volumeAttributesClassName: 'gold' })
    const name = `pvc-${metadata.uid}`
    expect((await whenBound()).spec.volumeName).toBe(name)
    expect([...stored]).toEqual([name])
    const volume = await plane.client.get(resources.persistentVolumes, { name })
    expect(volume.spec).toMatchObject({
      capacity: { storage: '1Gi' },
      csi: { driver: 'local.wheelhouse.io', volumeHandle: name },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'standard',
      volumeAttributesClassName: 'gold',
    })
    expect(volume.metadata.annotations).toEqual({
      'pv.kubernetes.io/provisioned-by': 'local.wheelhouse.io',
    })
    expect(volume.metadata.finalizers).toEqual([
      'external-provisioner.volume.kubernetes.io/finalizer',
      'kubernetes.io/pv-protection',
    ])
    expect(await eventsOf('ProvisioningSucceeded')).toEqual([`Successfully provisioned volume ${name}`])
    await plane.client.delete(resources.persistentVolumeClaims, ref)
    await waitFor(() => plane.client.get(resources.persistentVolumes, { name }).then(() => false, isNotFound))
    expect([...stored]).toEqual([])
  })

  it('says why a volume could not be made, and tries again', async () => {
    problem = new Error('Docker is not running')
    await createClaim()
    const message = 'failed to provision volume with StorageClass "standard": Docker is not running'
    await waitFor(async () => (await eventsOf('ProvisioningFailed')).includes(message))
    expect((await getClaim()).status?.phase).toBe('Pending')
    problem = undefined
    await whenBound()
  })

  it('refuses block volumes', async () => {
    await createClaim({ volumeMode: 'Block' })
    const message =
      'failed to provision volume with StorageClass "standard": local.wheelhouse.io does not support block volume provisioning'
    await waitFor(async () => (await eventsOf('ProvisioningFailed')).includes(message))
    expect([...stored]).toEqual([])
  })

  it('keeps a volume whose storage cannot be deleted now', async () => {
    const { metadata } = await createClaim()
    await whenBound()
    problem = new Error('volume is in use')
    await plane.client.delete(resources.persistentVolumeClaims, ref)
    await waitFor(async () => (await eventsOf('VolumeFailedDelete')).includes('volume is in use'))
    const name = `pvc-${metadata.uid}`
    const volume = await plane.client.get(resources.persistentVolumes, { name })
    expect(volume.status?.phase).toBe('Released')
    problem = undefined
    await waitFor(() => plane.client.get(resources.persistentVolumes, { name }).then(() => false, isNotFound))
  })

  it('keeps the storage of a retained volume that is deleted', async () => {
    const { metadata } = await createClaim()
    await whenBound()
    const name = `pvc-${metadata.uid}`
    await plane.client.patch(
      resources.persistentVolumes,
      { name },
      { type: 'merge', body: { spec: { persistentVolumeReclaimPolicy: 'Retain' } } },
    )
    await plane.client.delete(resources.persistentVolumeClaims, ref)
    await waitFor(
      async () =>
        (await plane.client.get(resources.persistentVolumes, { name })).status?.phase === 'Released',
    )
    await plane.client.delete(resources.persistentVolumes, { name })
    await waitFor(() => plane.client.get(resources.persistentVolumes, { name }).then(() => false, isNotFound))
    expect([...stored]).toEqual([name])
  })
})

describe('expansion', () => {
  it('grows volume and claim, and leaves no condition behind', async () => {
    await createClaim()
    const { spec } = await whenBound()
    await plane.client.patch(resources.persistentVolumeClaims, ref, {
      type: 'merge',
      body: { spec: { resources: { requests: { storage: '3Gi' } } } },
    })
    await waitFor(async () => (await getClaim()).status?.capacity?.storage === '3Gi')
    const { status } = await getClaim()
    expect(status?.conditions).toBeUndefined()
    expect(status?.allocatedResourceStatuses).toBeUndefined()
    const volume = await plane.client.get(resources.persistentVolumes, { name: spec.volumeName ?? '' })
    expect(volume.spec.capacity).toEqual({ storage: '3Gi' })
    await waitFor(async () => (await eventsOf('VolumeResizeSuccessful')).length === 1)
    expect(await eventsOf('Resizing')).toEqual([`External resizer is resizing volume ${spec.volumeName}`])
  })
})
