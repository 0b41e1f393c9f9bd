import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import { findCondition } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { createReadyNode, startFakeKubelet } from '../../cluster/testing/fake-kubelet.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { rfc3339Micro } from '../../util/clock.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import type { Controller } from '../kit/controller.ts'
import { createNodeLifecycleController } from './node-lifecycle.ts'
import type { NodeLifecycleOptions } from './options.ts'
import { createPodGcController } from './pod-gc.ts'
import { createTaintEvictionController } from './taint-eviction.ts'

const namespace = 'default'

describe('the life of nodes', () => {
  let clock: FakeClock
  let plane: TestControlPlane
  let controllers: Controller[]
  let kubelet: Disposable
  const dead = new Set<string>()

  beforeEach(async () => {
    dead.clear()
    clock = new FakeClock()
    plane = createTestControlPlane({ clock })
    for (const name of [namespace, 'kube-node-lease']) {
      await plane.client.create(resources.namespaces, { metadata: { name }, spec: {} })
    }
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    kubelet = startFakeKubelet(plane, { isAlive: (name) => !dead.has(name) })
  })
  afterEach(async () => {
    kubelet[Symbol.dispose]()
    for (const controller of controllers) await controller.stop()
    await plane.close()
  })

  async function startControllers(extra: Partial<NodeLifecycleOptions> = {}): Promise<void> {
    const options = { ...plane.dependencies, ...extra }
    controllers = [
      createNodeLifecycleController(options),
      createTaintEvictionController(options),
      createPodGcController(options),
    ]
    await Promise.all(controllers.map((controller) => controller.start()))
  }
  const node = (name: string): Promise<Node> => plane.client.get(resources.nodes, { name })
  const pods = async (): Promise<Pod[]> => (await plane.client.list(resources.pods, { namespace })).items
  async function runningPod(
    name: string,
    nodeName: string,
    tolerations?: Pod['spec']['tolerations'],
  ): Promise<void> {
    await plane.client.create(resources.pods, {
      metadata: { name, namespace },
      spec: { nodeName, containers: [{ name: 'c', image: 'x' }], ...(tolerations ? { tolerations } : {}) },
    })
    await waitFor(async () => {
      const found = await plane.client.get(resources.pods, { namespace, name })
      return found.status?.phase === 'Running'
    })
  }
  async function renew(name: string): Promise<void> {
    const ref = { namespace: 'kube-node-lease', name }
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: rfc3339Micro(clock.now()) }
    try {
      await plane.client.patch(resources.leases, ref, { type: 'merge', body: { spec } })
    } catch {
      await plane.client.create(resources.leases, { metadata: ref, spec })
    }
  }
  /** Lets time pass in steps, with the living renewing their leases. */
  async function pass(seconds: number, living: string[]): Promise<void> {
    for (let i = 0; i < seconds; i += 5) {
      for (const name of living) await renew(name)
      await clock.advance(5_000)
    }
  }
  const ready = async (name: string): Promise<string | undefined> =>
    findCondition((await node(name)).status?.conditions, 'Ready')?.status
  const taints = async (name: string): Promise<string[]> =>
    ((await node(name)).spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort()

  it('marks a silent node Unknown, taints it, and takes its pods out of service; a renewing one stays', async () => {
    await createReadyNode(plane, 'silent')
    await createReadyNode(plane, 'alive')
    await startControllers()
    await runningPod('a', 'silent')
    await pass(35, ['alive'])
    expect(await ready('silent')).toBe('True')
    await pass(10, ['alive'])
    await waitFor(async () => (await taints('silent')).length === 2)
    expect(await taints('silent')).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ])
    expect(findCondition((await node('silent')).status?.conditions, 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    })
    await waitFor(
      async () => findCondition((await pods())[0]?.status?.conditions, 'Ready')?.status === 'False',
    )
    await pass(40, ['alive'])
    expect(await ready('alive')).toBe('True')
    expect(await taints('alive')).toEqual([])
  })

  it('tells of nodes that come and go', async () => {
    await createReadyNode(plane, 'n')
    await startControllers()
    await plane.client.delete(resources.nodes, { name: 'n' })
    const told = async (): Promise<unknown[]> =>
      (await plane.client.list(resources.events, { namespace: 'default' })).items
        .filter(({ source }) => source?.component === 'node-controller')
        .map(({ involvedObject, reason, message }) => [involvedObject.name, reason, message])
    await waitFor(async () => (await told()).length === 2)
    expect(await told()).toEqual([
      ['n', 'RegisteredNode', 'Node n event: Registered Node n in Controller'],
      ['n', 'RemovingNode', 'Node n event: Removing Node n from Controller'],
    ])
  })

  it('takes the taints away when the node is ready again', async () => {
    await createReadyNode(plane, 'n')
    await startControllers()
    await pass(45, [])
    await waitFor(async () => (await taints('n')).length === 2)
    await renew('n')
    const body = {
      status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T01:00:00Z' }] },
    }
    await plane.client.patch(
      resources.nodes,
      { name: 'n' },
      { type: 'strategic', subresource: 'status', body },
    )
    await waitFor(async () => (await taints('n')).length === 0)
  })

  it('evicts pods when their toleration runs out, and not before', async () => {
    await createReadyNode(plane, 'n')
    await startControllers()
    const toleration = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }
    await runningPod('patient', 'n')
    await runningPod('hasty', 'n', [{ ...toleration, tolerationSeconds: 20 }])
    await runningPod('faithful', 'n', [toleration])
    dead.add('n')
    await pass(45, [])
    await waitFor(async () => (await taints('n')).length === 2)
    const terminating = async (): Promise<string[]> =>
      (await pods()).filter((pod) => pod.metadata.deletionTimestamp).map((pod) => pod.metadata.name)
    expect(await terminating()).toEqual([])
    await pass(25, [])
    await waitFor(async () => (await terminating()).join() === 'hasty')
    const hasty = await plane.client.get(resources.pods, { namespace, name: 'hasty' })
    expect(findCondition(hasty.status?.conditions, 'DisruptionTarget')).toMatchObject({
      observedGeneration: 1,
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    })
    await pass(290, [])
    await waitFor(async () => (await terminating()).sort().join() === 'hasty,patient')
  })

  it('tells of a pod that was to go and need not when the taint is taken away', async () => {
    await createReadyNode(plane, 'n')
    await startControllers()
    const toleration = { key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 500 }
    await runningPod('spared', 'n', [toleration])
    const taint = async (taints: object[]): Promise<unknown> =>
      plane.client.patch(resources.nodes, { name: 'n' }, { type: 'merge', body: { spec: { taints } } })
    await waitFor(async () => {
      // The controller may not have seen the taint before it is gone.
      await taint([{ key: 'k', effect: 'NoExecute' }])
      await pass(5, ['n'])
      await taint([])
      await pass(5, ['n'])
      await plane.flushEvents()
      const { items } = await plane.client.list(resources.events)
      return items.some(
        ({ reason, message }) =>
          reason === 'TaintManagerEviction' && message === `Cancelling deletion of Pod ${namespace}/spared`,
      )
    })
  })

  it('reacts at once to a node stopped on purpose, and removes its pods without its kubelet', async () => {
    await createReadyNode(plane, 'n')
    await startControllers({ stoppedTolerationSeconds: 2 })
    await runningPod('a', 'n')
    dead.add('n')
    await plane.client.patch(
      resources.nodes,
      { name: 'n' },
      { type: 'merge', body: { metadata: { annotations: { 'wheelhouse.dev/stopped': 'true' } } } },
    )
    await waitFor(async () => (await ready('n')) === 'Unknown' && (await taints('n')).length === 2)
    await clock.advance(3_000)
    await waitFor(async () => (await pods()).length === 0)
  })

  it('removes pods of a node that is gone for long enough', async () => {
    await createReadyNode(plane, 'n')
    await startControllers()
    await runningPod('a', 'n')
    dead.add('n')
    await plane.client.delete(resources.nodes, { name: 'n' })
    await clock.advance(20_000)
    expect(await pods()).toHaveLength(1)
    await clock.advance(25_000)
    await waitFor(async () => (await pods()).length === 0)
  })

  it('gives every node a fresh period when the machine slept', async () => {
    await createReadyNode(plane, 'n')
    await startControllers()
    await renew('n')
    await clock.advance(1_000)
    clock.now = (
      (before) => () =>
        before() + 3_600_000
    )(clock.now.bind(clock))
    await clock.advance(41_000)
    expect(await ready('n')).toBe('True')
  })
})
