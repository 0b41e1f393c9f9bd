import { afterEach, beforeEach } from 'vitest'
import type { Deployment, ReplicaSet } from '../../../api/generated/apps-v1.ts'
import type { Pod } from '../../../api/generated/core-v1.ts'
import { findCondition } from '../../../api/conditions.ts'
import { resources } from '../../../api/resources.ts'
import { createReadyNode, startFakeKubelet } from '../../../cluster/testing/fake-kubelet.ts'
import { createTestControlPlane, type TestControlPlane } from '../../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../../cluster/testing/wait-for.ts'
import { createScheduler, type Scheduler } from '../../../scheduler/scheduler.ts'
import { namespace } from '../../testing/use-plane.ts'
import { createControllers } from '../../index.ts'
import type { Controller } from '../../kit/controller.ts'

/** Three pods of one container, with these members of the spec instead. */
export function deployment(name: string, spec: Partial<Deployment['spec']> = {}): Deployment {
  return {
    metadata: { name, namespace },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { name: '', labels: { app: name } },
        spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
      },
      ...spec,
    },
  }
}

/** All controllers, a scheduler and a kubelet of two nodes over an empty cluster, for each test. */
export function useDeployments() {
  let plane: TestControlPlane
  let controllers: Controller[]
  let scheduler: Scheduler
  let kubelet: Disposable
  let isReady: (pod: Pod) => boolean

  beforeEach(async () => {
    plane = createTestControlPlane()
    isReady = () => true
    for (const name of ['default', 'kube-system', 'kube-node-lease']) {
      await plane.client.create(resources.namespaces, { metadata: { name }, spec: {} })
    }
    controllers = createControllers({
      ...plane.dependencies,
      resources: () => plane.resources(),
      serviceRange: '10.96.0.0/16',
      rootCa: 'CA',
    })
    scheduler = createScheduler(plane.dependencies)
    await Promise.all([...controllers.map((controller) => controller.start()), scheduler.start()])
    await createReadyNode(plane, 'node-1')
    await createReadyNode(plane, 'node-2')
    kubelet = startFakeKubelet(plane, { isReady: (pod) => isReady(pod) })
    await waitFor(() => plane.client.get(resources.serviceAccounts, { namespace, name: 'default' }))
  })

  afterEach(async () => {
    kubelet[Symbol.dispose]()
    await scheduler.stop()
    for (const controller of controllers) await controller.stop()
    await plane.close()
  })

  const get = (name: string): Promise<Deployment> =>
    plane.client.get(resources.deployments, { namespace, name })
  const sets = async (): Promise<ReplicaSet[]> =>
    (await plane.client.list(resources.replicaSets, { namespace })).items
  const pods = async (): Promise<Pod[]> => (await plane.client.list(resources.pods, { namespace })).items
  const messages = async (reason: string): Promise<(string | undefined)[]> => {
    await plane.flushEvents()
    const events = await plane.client.list(resources.events, { namespace })
    return events.items.filter((event) => event.reason === reason).map((event) => event.message)
  }
  const complete = (name: string): Promise<Deployment> =>
    waitFor(async () => {
      const found = await get(name)
      const { status, spec, metadata } = found
      const isDone =
        status?.updatedReplicas === spec.replicas &&
        status?.availableReplicas === spec.replicas &&
        status?.replicas === spec.replicas &&
        status?.observedGeneration === metadata.generation &&
        findCondition(status?.conditions, 'Progressing')?.reason === 'NewReplicaSetAvailable'
      return isDone ? found : undefined
    })
  const setImage = (name: string, image: string): Promise<Deployment> =>
    plane.client.patch(
      resources.deployments,
      { namespace, name },
      {
        type: 'strategic',
        body: { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } },
      },
    )

  return {
    get plane() {
      return plane
    },
    get isReady() {
      return isReady
    },
    set isReady(value) {
      isReady = value
    },
    get,
    sets,
    pods,
    messages,
    complete,
    setImage,
  }
}
