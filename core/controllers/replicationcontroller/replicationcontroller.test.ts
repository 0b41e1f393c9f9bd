import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod, ReplicationController } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { createReadyNode, startFakeKubelet } from '../../cluster/testing/fake-kubelet.ts'
import { bindPods } from '../../cluster/testing/bind-pods.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createReplicationControllerController } from './replicationcontroller.ts'

const namespace = 'default'

describe('replication controllers', () => {
  let plane: TestControlPlane
  let controller: Controller
  let parts: Disposable[]

  beforeEach(async () => {
    plane = createTestControlPlane()
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    await createReadyNode(plane, 'node-1')
    controller = createReplicationControllerController(plane.dependencies)
    await controller.start()
    parts = [bindPods(plane, 'node-1'), startFakeKubelet(plane)]
  })
  afterEach(async () => {
    for (const part of parts) part[Symbol.dispose]()
    await controller.stop()
    await plane.close()
  })

  const pods = async (): Promise<Pod[]> => (await plane.client.list(resources.pods, { namespace })).items
  const ready = (count: number): Promise<ReplicationController> =>
    waitFor(async () => {
      const found = await plane.client.get(resources.replicationControllers, { namespace, name: 'web' })
      const { status } = found
      return status?.readyReplicas === count && status.replicas === count ? found : undefined
    })

  it('keeps its pods, by the labels of its template, and scales', async () => {
    await plane.client.create(resources.replicationControllers, {
      metadata: { name: 'web', namespace },
      spec: {
        replicas: 3,
        template: {
          metadata: { name: '', labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'nginx' }] },
        },
      },
    })
    const object = await ready(3)
    expect(object.spec.selector).toEqual({ app: 'web' })
    expect(object.status).toEqual({
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      fullyLabeledReplicas: 3,
      observedGeneration: 1,
    })
    const [pod] = await pods()
    expect(pod?.metadata.ownerReferences).toMatchObject([
      { apiVersion: 'v1', kind: 'ReplicationController', name: 'web', controller: true },
    ])
    await plane.client.delete(resources.pods, { namespace, name: pod?.metadata.name ?? '' })
    await waitFor(async () => (await pods()).length === 3)
    await plane.client.updateScale(resources.replicationControllers, { namespace, name: 'web' }, 1)
    await ready(1)
    expect(await pods()).toHaveLength(1)
  })
})
