import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createVolumeProtectionController } from './pv-protection.ts'
import { createAttributesClassProtectionController } from './vac-protection.ts'
import { createClaimProtectionController } from './pvc-protection.ts'

let plane: TestControlPlane
let controllers: Controller[]
beforeEach(async () => {
  plane = createTestControlPlane()
  const { dependencies, client } = plane
  controllers = [
    createClaimProtectionController(dependencies),
    createVolumeProtectionController(dependencies),
    createAttributesClassProtectionController(dependencies),
  ]
  await Promise.all(controllers.map((controller) => controller.start()))
  await client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
})
afterEach(async () => {
  for (const controller of controllers) await controller.stop()
  await plane.close()
})

const ref = { namespace: 'default', name: 'data' }
async function isGone(work: Promise<unknown>): Promise<boolean> {
  return work.then(() => false, isNotFound)
}

describe('volume protection', () => {
  it('keeps a claim until no pod on a node uses it', async () => {
    const { client } = plane
    const claims = resources.persistentVolumeClaims
    await client.create(claims, {
      metadata: ref,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    })
    await client.create(resources.pods, {
      metadata: { namespace: 'default', name: 'p' },
      spec: {
        nodeName: 'n1',
        containers: [{ name: 'c', image: 'nginx' }],
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
      },
    })
    await waitFor(() => plane.informers.informer(resources.pods).store.get('default/p') !== undefined)
    await client.delete(claims, ref)
    const held = await client.get(claims, ref)
    expect(held.metadata.deletionTimestamp).toBeDefined()
    expect(held.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
    await client.delete(resources.pods, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 })
    await waitFor(() => isGone(client.get(claims, ref)))
  })

  it('keeps a volume as long as it is bound', async () => {
    const { client } = plane
    const volumes = resources.persistentVolumes
    const made = await client.create(volumes, {
      metadata: { name: 'disk' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
    })
    const bound = await client.updateStatus(volumes, { ...made, status: { phase: 'Bound' } })
    await waitFor(() => plane.informers.informer(volumes).store.get('disk')?.status?.phase === 'Bound')
    await client.delete(volumes, { name: 'disk' })
    const held = await client.get(volumes, { name: 'disk' })
    expect(held.metadata.finalizers).toEqual(['kubernetes.io/pv-protection'])
    await client.updateStatus(volumes, {
      ...held,
      status: { ...bound.status, phase: 'Released' },
    })
    await waitFor(() => isGone(client.get(volumes, { name: 'disk' })))
  })

  it('keeps a class of attributes as long as a claim or a volume has it', async () => {
    const { client } = plane
    const classes = resources.volumeAttributesClasses
    const claims = resources.persistentVolumeClaims
    const silver = { name: 'silver' }
    const made = await client.create(classes, {
      metadata: silver,
      driverName: 'disk.example.com',
      parameters: { iops: '500' },
    })
    expect(made.metadata.finalizers).toEqual(['kubernetes.io/vac-protection'])
    await client.create(claims, {
      metadata: ref,
      spec: {
        accessModes: ['ReadWriteOnce'],
        volumeAttributesClassName: 'silver',
        resources: { requests: { storage: '1Gi' } },
      },
    })
    await client.create(resources.persistentVolumes, {
      metadata: { name: 'disk' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        volumeAttributesClassName: 'silver',
        csi: { driver: 'disk.example.com', volumeHandle: 'h' },
      },
    })
    const { informers } = plane
    const knows = (): boolean =>
      informers.informer(claims).store.get('default/data') !== undefined &&
      informers.informer(resources.persistentVolumes).store.get('disk') !== undefined
    await waitFor(knows)
    await client.delete(classes, silver)
    await client.delete(claims, ref)
    await waitFor(() => isGone(client.get(claims, ref)))
    expect((await client.get(classes, silver)).metadata.deletionTimestamp).toBeDefined()
    await client.delete(resources.persistentVolumes, { name: 'disk' })
    await waitFor(() => isGone(client.get(classes, silver)))
  })
})
