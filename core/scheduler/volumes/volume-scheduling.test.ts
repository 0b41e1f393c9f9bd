import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { createReadyNode } from '../../cluster/testing/fake-kubelet.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { createLocalProvisioner } from '../../controllers/persistent-volume/local-provisioner.ts'
import { createPersistentVolumeBinder } from '../../controllers/persistent-volume/persistent-volume-binder.ts'
import type { Controller } from '../../controllers/kit/controller.ts'
import { createScheduler, type Scheduler } from '../scheduler.ts'

let plane: TestControlPlane
let controllers: Controller[]
let scheduler: Scheduler
beforeEach(async () => {
  plane = createTestControlPlane()
  const { dependencies, client } = plane
  const volumeHost = { create: () => Promise.resolve(), remove: () => Promise.resolve() }
  controllers = [
    ...createPersistentVolumeBinder(dependencies),
    ...createLocalProvisioner({ ...dependencies, volumeHost }),
  ]
  scheduler = createScheduler(dependencies)
  await Promise.all([...controllers.map((controller) => controller.start()), scheduler.start()])
  await client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
  for (const [name, provisioner] of [
    ['standard', 'local.wheelhouse.io'],
    ['by-hand', 'kubernetes.io/no-provisioner'],
  ] as const) {
    await client.create(resources.storageClasses, {
      metadata: { name },
      provisioner,
      volumeBindingMode: 'WaitForFirstConsumer',
    })
  }
})
afterEach(async () => {
  await scheduler.stop()
  for (const controller of controllers) await controller.stop()
  await plane.close()
})

function createClaim(name: string, storageClassName: string): Promise<PersistentVolumeClaim> {
  return plane.client.create(resources.persistentVolumeClaims, {
    metadata: { namespace: 'default', name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName,
    },
  })
}
function createPod(name: string, claimName: string): Promise<Pod> {
  return plane.client.create(resources.pods, {
    metadata: { namespace: 'default', name },
    spec: {
      containers: [{ name: 'c', image: 'nginx' }],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
    },
  })
}
const getPod = (name: string): Promise<Pod> =>
  plane.client.get(resources.pods, { namespace: 'default', name })
const getClaim = (name: string): Promise<PersistentVolumeClaim> =>
  plane.client.get(resources.persistentVolumeClaims, { namespace: 'default', name })

async function whenUnschedulable(name: string, message: string): Promise<void> {
  await waitFor(async () => {
    const conditions = (await getPod(name)).status?.conditions
    return conditions?.some((condition) => condition.message === message)
  })
}

describe('pods with volumes', () => {
  it('has a volume made for the node before the pod goes there', async () => {
    await createReadyNode(plane, 'n1')
    await createClaim('data', 'standard')
    await createPod('web', 'data')
    await waitFor(async () => (await getPod('web')).spec.nodeName)
    const claim = await getClaim('data')
    expect(claim.status?.phase).toBe('Bound')
    expect(claim.metadata.annotations?.['volume.kubernetes.io/selected-node']).toBe('n1')
  })

  it('waits for its claim, saying so in upstream’s words', async () => {
    await createReadyNode(plane, 'n1')
    await createPod('web', 'data')
    await whenUnschedulable(
      'web',
      '0/1 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    )
    await createClaim('data', 'standard')
    await waitFor(async () => (await getPod('web')).spec.nodeName)
  })

  it('chooses node and volume together, and gives a volume to one claim only', async () => {
    await createReadyNode(plane, 'n1')
    await createReadyNode(plane, 'n2')
    await createClaim('one', 'by-hand')
    await createClaim('two', 'by-hand')
    await createPod('first', 'one')
    await createPod('second', 'two')
    const nothing = "2 node(s) didn't find available persistent volumes to bind"
    await whenUnschedulable(
      'second',
      `0/2 nodes are available: ${nothing}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.`,
    )
    for (const name of ['n1', 'n2']) {
      await plane.client.create(resources.persistentVolumes, {
        metadata: { name: `disk-${name}` },
        spec: {
          capacity: { storage: '5Gi' },
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'by-hand',
          local: { path: '/disk' },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] },
              ],
            },
          },
        },
      })
    }
    for (const [podName, claimName] of [
      ['first', 'one'],
      ['second', 'two'],
    ] as const) {
      await waitFor(async () => (await getPod(podName)).spec.nodeName)
      const nodeName = (await getPod(podName)).spec.nodeName
      expect((await getClaim(claimName)).spec.volumeName).toBe(`disk-${nodeName}`)
    }
    expect((await getPod('first')).spec.nodeName).not.toBe((await getPod('second')).spec.nodeName)
  })
})
