import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createEphemeralVolumeController } from './ephemeral-volume.ts'

let plane: TestControlPlane
let controller: Controller
beforeEach(async () => {
  plane = createTestControlPlane()
  controller = createEphemeralVolumeController(plane.dependencies)
  await controller.start()
  await plane.client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  await plane.client.create(resources.serviceAccounts, {
    metadata: { name: 'default', namespace: 'default' },
  })
})
afterEach(async () => {
  await controller.stop()
  await plane.close()
})

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const ref = { namespace: 'default', name: 'web-scratch' }
function createPod(): Promise<Pod> {
  return plane.client.create(resources.pods, {
    metadata: { namespace: 'default', name: 'web' },
    spec: {
      containers: [{ name: 'c', image: 'nginx' }],
      volumes: [
        {
          name: 'scratch',
          ephemeral: { volumeClaimTemplate: { metadata: { labels: { app: 'web' } } as never, spec } },
        },
      ],
    },
  })
}

describe('generic ephemeral volumes', () => {
  it('get a claim that belongs to the pod', async () => {
    const pod = await createPod()
    const claim = await waitFor(() => plane.client.get(resources.persistentVolumeClaims, ref))
    expect(claim.metadata.labels).toEqual({ app: 'web' })
    expect(claim.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Pod',
        name: 'web',
        uid: pod.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ])
    expect(claim.spec).toMatchObject(spec)
  })

  it('never take a claim that is somebody else’s', async () => {
    await plane.client.create(resources.persistentVolumeClaims, { metadata: ref, spec })
    await createPod()
    const message =
      'ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web (pod is not owner)'
    await waitFor(async () => {
      await plane.flushEvents()
      const { items } = await plane.client.list(resources.events)
      return items.some((event) => event.reason === 'FailedBinding' && event.message === message)
    })
  })
})
