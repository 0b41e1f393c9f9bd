import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createPersistentVolumeBinder } from './persistent-volume-binder.ts'

let plane: TestControlPlane
let controllers: Controller[]
beforeEach(async () => {
  plane = createTestControlPlane()
  controllers = createPersistentVolumeBinder(plane.dependencies)
  await Promise.all(controllers.map((controller) => controller.start()))
  await plane.client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  await plane.client.create(resources.serviceAccounts, {
    metadata: { name: 'default', namespace: 'default' },
  })
})
afterEach(async () => {
  for (const controller of controllers) await controller.stop()
  await plane.close()
})

function volume(
  name: string,
  spec: Partial<PersistentVolume['spec']> = {},
  metadata: Partial<PersistentVolume['metadata']> = {},
): Promise<PersistentVolume> {
  return plane.client.create(resources.persistentVolumes, {
    metadata: { name, ...metadata },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: `/data/${name}` },
      ...spec,
    },
  })
}

function claim(
  name: string,
  spec: Partial<PersistentVolumeClaim['spec']> = {},
): Promise<PersistentVolumeClaim> {
  return plane.client.create(resources.persistentVolumeClaims, {
    metadata: { namespace: 'default', name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: '',
      ...spec,
    },
  })
}

function storageClass(name: string, more: Partial<StorageClass> = {}): Promise<StorageClass> {
  return plane.client.create(resources.storageClasses, {
    metadata: { name },
    provisioner: 'example.com/nfs',
    ...more,
  })
}

const getVolume = (name: string): Promise<PersistentVolume> =>
  plane.client.get(resources.persistentVolumes, { name })
const getClaim = (name: string): Promise<PersistentVolumeClaim> =>
  plane.client.get(resources.persistentVolumeClaims, { namespace: 'default', name })
async function whenVolume(name: string, phase: string): Promise<PersistentVolume> {
  await waitFor(async () => (await getVolume(name)).status?.phase === phase)
  return getVolume(name)
}
async function whenBound(name: string): Promise<PersistentVolumeClaim> {
  await waitFor(async () => (await getClaim(name)).status?.phase === 'Bound')
  return getClaim(name)
}
async function whenTold(reason: string, message: string): Promise<void> {
  await waitFor(async () => {
    await plane.flushEvents()
    const { items } = await plane.client.list(resources.events)
    return items.some((event) => event.reason === reason && event.message === message)
  })
}
const remove = (name: string): Promise<void> =>
  plane.client.delete(resources.persistentVolumeClaims, { namespace: 'default', name })

/** Protection controllers do not run here: a deleted claim goes when its finalizer does. */
async function removeClaim(name: string): Promise<void> {
  await remove(name)
  const current = await getClaim(name)
  await plane.client.update(resources.persistentVolumeClaims, {
    ...current,
    metadata: { ...current.metadata, finalizers: [] },
  })
}

describe('static binding', () => {
  it('takes the smallest volume that fits, and says on both sides who chose whom', async () => {
    await volume('large', { capacity: { storage: '10Gi' } })
    await volume('small', { capacity: { storage: '500Mi' } })
    await volume('right', { capacity: { storage: '2Gi' } })
    for (const name of ['large', 'small', 'right']) await whenVolume(name, 'Available')
    const { metadata } = await claim('data')
    const bound = await whenBound('data')
    expect(bound.spec.volumeName).toBe('right')
    expect(bound.metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    })
    expect(bound.status).toMatchObject({ accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } })
    const chosen = await whenVolume('right', 'Bound')
    expect(chosen.spec.claimRef).toMatchObject({ namespace: 'default', name: 'data', uid: metadata.uid })
    expect(chosen.metadata.annotations).toEqual({ 'pv.kubernetes.io/bound-by-controller': 'yes' })
  })

  it.each<[string, Partial<PersistentVolume['spec']>, Partial<PersistentVolumeClaim['spec']>]>([
    ['class', { storageClassName: 'slow' }, {}],
    ['access modes', {}, { accessModes: ['ReadWriteMany'] }],
    ['volume mode', { volumeMode: 'Block' }, {}],
    ['selector', {}, { selector: { matchLabels: { disk: 'ssd' } } }],
    ['volume attributes class', {}, { volumeAttributesClassName: 'gold' }],
  ])('does not bind over a different %s', async (_what, offered, wanted) => {
    await volume('other', offered)
    await whenVolume('other', 'Available')
    await claim('data', wanted)
    await whenTold(
      'FailedBinding',
      'no persistent volumes available for this claim and no storage class is set',
    )
    expect((await getClaim('data')).status).toEqual({ phase: 'Pending' })
  })

  it('binds a waiting claim when a volume with the labels it selects appears', async () => {
    await claim('data', { selector: { matchLabels: { disk: 'ssd' } } })
    await volume('plain')
    await volume('fast', {}, { labels: { disk: 'ssd' } })
    expect((await whenBound('data')).spec.volumeName).toBe('fast')
  })

  it('gives a volume that is kept for a claim to that claim only', async () => {
    await volume('kept', { claimRef: { namespace: 'default', name: 'mine' } })
    await whenVolume('kept', 'Available')
    await claim('other')
    await whenTold(
      'FailedBinding',
      'no persistent volumes available for this claim and no storage class is set',
    )
    const mine = await claim('mine')
    await whenBound('mine')
    const kept = await whenVolume('kept', 'Bound')
    expect(kept.spec.claimRef?.uid).toBe(mine.metadata.uid)
    expect(kept.metadata.annotations).toBeUndefined()
  })

  it('binds the volume that a claim names, and says why it cannot', async () => {
    await volume('tiny', { capacity: { storage: '1Mi' } })
    await volume('good')
    await whenVolume('tiny', 'Available')
    await claim('wrong', { volumeName: 'tiny' })
    await whenTold('VolumeMismatch', 'Cannot bind to requested volume "tiny": requested PV is too small')
    await claim('right', { volumeName: 'good' })
    const right = await whenBound('right')
    expect(right.metadata.annotations).toEqual({ 'pv.kubernetes.io/bind-completed': 'yes' })
    await claim('late', { volumeName: 'good' })
    await whenTold('FailedBinding', 'volume "good" already bound to a different claim.')
  })
})

describe('the class of attributes', () => {
  const golden = { volumeAttributesClassName: 'gold' }
  const offered = { ...golden, hostPath: undefined, csi: { driver: 'd', volumeHandle: 'h' } } as never

  it('is the same on both sides, and what the claim has once it is bound', async () => {
    await volume('plain')
    await volume('golden', offered)
    for (const name of ['plain', 'golden']) await whenVolume(name, 'Available')
    await claim('data', golden)
    const bound = await whenBound('data')
    expect(bound.spec.volumeName).toBe('golden')
    expect(bound.status?.currentVolumeAttributesClassName).toBe('gold')
    await claim('wrong', { volumeName: 'plain', ...golden })
    await whenTold(
      'VolumeMismatch',
      'Cannot bind to requested volume "plain": volumeAttributesClassName does not match',
    )
  })
})

describe('the end of a binding', () => {
  it.each([
    ['Retain', 'Released', undefined],
    ['Recycle', 'Failed', 'No recycler plugin found for the volume!'],
    ['Delete', 'Failed', 'host_path deleter only supports /tmp/.+ but received provided /data/disk'],
  ])('with %s leaves a hand-made volume %s', async (policy, phase, message) => {
    await volume('disk', { persistentVolumeReclaimPolicy: policy })
    await claim('data')
    await whenBound('data')
    await removeClaim('data')
    const released = await whenVolume('disk', phase)
    expect(released.status?.message).toBe(message)
    expect(released.spec.claimRef?.name).toBe('data')
  })

  it('tells a bound claim that its volume is lost', async () => {
    await volume('disk')
    await claim('data')
    await whenBound('data')
    const disk = await getVolume('disk')
    await plane.client.update(resources.persistentVolumes, {
      ...disk,
      metadata: { ...disk.metadata, finalizers: [] },
    })
    await plane.client.delete(resources.persistentVolumes, { name: 'disk' })
    await waitFor(() => getVolume('disk').then(() => false, isNotFound))
    await waitFor(async () => (await getClaim('data')).status?.phase === 'Lost')
    await whenTold('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  })
})

describe('storage classes', () => {
  it('hands a claim to the class’s provisioner', async () => {
    await storageClass('nfs')
    await claim('data', { storageClassName: 'nfs' })
    await waitFor(async () => (await getClaim('data')).metadata.annotations)
    expect((await getClaim('data')).metadata.annotations).toEqual({
      'volume.kubernetes.io/storage-provisioner': 'example.com/nfs',
      'volume.beta.kubernetes.io/storage-provisioner': 'example.com/nfs',
    })
    await whenTold(
      'ExternalProvisioning',
      "Waiting for a volume to be created either by the external provisioner 'example.com/nfs' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
    )
  })

  it('says that the class does not exist, and goes on when it does', async () => {
    await claim('data', { storageClassName: 'none' })
    await whenTold('ProvisioningFailed', 'storageclass.storage.k8s.io "none" not found')
    await storageClass('none')
    await waitFor(async () => (await getClaim('data')).metadata.annotations)
  })

  it('waits for the first consumer, and for its node', async () => {
    await storageClass('late', { volumeBindingMode: 'WaitForFirstConsumer' })
    await claim('data', { storageClassName: 'late' })
    await whenTold('WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
    await plane.client.create(resources.pods, {
      metadata: { namespace: 'default', name: 'web' },
      spec: {
        containers: [{ name: 'c', image: 'nginx' }],
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
      },
    })
    await whenTold('WaitForPodScheduled', 'waiting for pod web to be scheduled')
    expect((await getClaim('data')).metadata.annotations).toBeUndefined()
    const current = await getClaim('data')
    const annotations = { 'volume.kubernetes.io/selected-node': 'n1' }
    await plane.client.update(resources.persistentVolumeClaims, {
      ...current,
      metadata: { ...current.metadata, annotations },
    })
    await waitFor(async () => {
      const { metadata } = await getClaim('data')
      return metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] === 'example.com/nfs'
    })
  })

  it('gives a claim from before there was a default class that class', async () => {
    await plane.client.create(resources.persistentVolumeClaims, {
      metadata: { namespace: 'default', name: 'old' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    })
    await plane.client.create(resources.storageClasses, {
      metadata: {
        name: 'std',
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: 'example.com/nfs',
    })
    await waitFor(async () => (await getClaim('old')).spec.storageClassName === 'std')
  })
})
