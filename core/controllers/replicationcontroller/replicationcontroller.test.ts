import { describe, expect, it } from 'vitest'
import type { ReplicationController } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { namespace, usePlane } from '../testing/use-plane.ts'
import { createReplicationControllerController } from './replicationcontroller.ts'

describe('replication controllers', () => {
  const under = usePlane(({ dependencies }) => [createReplicationControllerController(dependencies)])
  const { pods } = under

  const ready = (count: number): Promise<ReplicationController> =>
    waitFor(async () => {
      const found = await under.plane.client.get(resources.replicationControllers, { namespace, name: 'web' })
      const { status } = found
      return status?.readyReplicas === count && status.replicas === count ? found : undefined
    })

  it('keeps its pods, by the labels of its template, and scales', async () => {
    await under.plane.client.create(resources.replicationControllers, {
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
    await under.plane.client.delete(resources.pods, { namespace, name: pod?.metadata.name ?? '' })
    await waitFor(async () => (await pods()).length === 3)
    await under.plane.client.updateScale(resources.replicationControllers, { namespace, name: 'web' }, 1)
    await ready(1)
    expect(await pods()).toHaveLength(1)
  })
})
