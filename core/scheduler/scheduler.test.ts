import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Node, Pod, PodSpec } from '../api/generated/core-v1.ts'
import { findCondition } from '../api/conditions.ts'
import { resources } from '../api/resources.ts'
import { createReadyNode, startFakeKubelet } from '../cluster/testing/fake-kubelet.ts'
import { createTestControlPlane, type TestControlPlane } from '../cluster/testing/test-control-plane.ts'
import { waitFor } from '../cluster/testing/wait-for.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'

const namespace = 'default'

function requesting(requests: Record<string, string>): Partial<PodSpec> {
  return { containers: [{ name: 'c', image: 'x', resources: { requests } }] }
}

describe('the scheduler', () => {
  let plane: TestControlPlane
  let scheduler: Scheduler

  beforeEach(async () => {
    plane = createTestControlPlane()
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    scheduler = createScheduler({ ...plane.dependencies, random: () => 0.99 })
    await scheduler.start()
  })
  afterEach(async () => {
    await scheduler.stop()
    await plane.close()
  })

  const create = (name: string, spec: Partial<PodSpec> = {}): Promise<Pod> =>
    plane.client.create(resources.pods, {
      metadata: { name, namespace, labels: { app: name } },
      spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
    })
  const get = (name: string): Promise<Pod> => plane.client.get(resources.pods, { namespace, name })
  const nodeOf = (name: string): Promise<string> => waitFor(async () => (await get(name)).spec.nodeName)
  const refusal = (name: string): Promise<string> =>
    waitFor(async () => {
      const condition = findCondition((await get(name)).status?.conditions, 'PodScheduled')
      return condition?.status === 'False' && condition.reason === 'Unschedulable'
        ? condition.message
        : undefined
    })
  const patchNode = (name: string, body: unknown): Promise<Node> =>
    plane.client.patch(resources.nodes, { name }, { type: 'merge', body })

  it('assigns a pod, says so in an event, and can explain why', async () => {
    await createReadyNode(plane, 'small', { cpu: '1', memory: '1Gi' })
    await createReadyNode(plane, 'large', { cpu: '16', memory: '32Gi' })
    await create('web', requesting({ cpu: '500m', memory: '256Mi' }))
    expect(await nodeOf('web')).toBe('large')
    expect(findCondition((await get('web')).status?.conditions, 'PodScheduled')?.status).toBe('True')
    await waitFor(async () => {
      await plane.flushEvents()
      const { items } = await plane.client.list(resources.events, { namespace })
      return items.some(
        ({ reason, message }) =>
          reason === 'Scheduled' && message === 'Successfully assigned default/web to large',
      )
    })
    const explanation = scheduler.explain('default/web')
    expect(explanation?.chosen).toBe('large')
    expect(explanation?.verdicts.map(({ node }) => node)).toEqual(['large', 'small'])
    expect(explanation?.verdicts[0]?.scores).toMatchObject({ NodeResourcesFit: 97, TaintToleration: 100 })
    expect(explanation?.verdicts[0]?.total).toBeGreaterThan(explanation?.verdicts[1]?.total ?? Infinity)
  })

  it('says with upstream’s words why no node would do', async () => {
    await createReadyNode(plane, 'full', { cpu: '1' })
    await createReadyNode(plane, 'tainted-1')
    await createReadyNode(plane, 'tainted-2')
    for (const name of ['tainted-1', 'tainted-2']) {
      await patchNode(name, { spec: { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] } })
    }
    await waitFor(() => plane.informers.informer(resources.nodes).store.get('tainted-2')?.spec.taints)
    await create('web', requesting({ cpu: '2' }))
    const message = await refusal('web')
    expect(message).toBe(
      '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). ' +
        'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    )
    await plane.flushEvents()
    const { items } = await plane.client.list(resources.events, { namespace })
    expect(items.map(({ type, reason, message: text }) => ({ type, reason, text }))).toEqual([
      { type: 'Warning', reason: 'FailedScheduling', text: message },
    ])
    const verdicts = scheduler.explain('default/web')?.verdicts
    expect(verdicts).toContainEqual({
      node: 'full',
      rejectedBy: 'NodeResourcesFit',
      reasons: ['Insufficient cpu'],
    })
    // Of a single node it can be told which one it was.
    expect(verdicts).toContainEqual({
      node: 'tainted-1',
      rejectedBy: 'TaintToleration',
      reasons: ['node(s) had untolerated taint {dedicated: gpu}'],
    })
  })

  it('asks only the node that a DaemonSet’s pod names', async () => {
    for (const name of ['a', 'b', 'c']) await createReadyNode(plane, name, { cpu: '1' })
    const named = (cpu: string): Partial<PodSpec> => ({
      ...requesting({ cpu }),
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }],
          },
        },
      },
    })
    await create('fits', named('800m'))
    expect(await nodeOf('fits')).toBe('b')
    await create('waits', named('800m'))
    expect(await refusal('waits')).toBe(
      "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. " +
        'preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, ' +
        '2 Preemption is not helpful for scheduling.',
    )
  })

  it('says that there are no nodes', async () => {
    await create('web')
    expect(await refusal('web')).toBe('no nodes available to schedule pods')
  })

  it.each<[string, (plane: TestControlPlane) => Promise<unknown>, Partial<PodSpec>, string]>([
    [
      'a cordoned node',
      (given) =>
        given.client.patch(
          resources.nodes,
          { name: 'n' },
          { type: 'merge', body: { spec: { unschedulable: true } } },
        ),
      {},
      '1 node(s) were unschedulable',
    ],
    [
      'a node selector',
      async () => undefined,
      { nodeSelector: { disk: 'ssd' } },
      "1 node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'required affinity',
      async () => undefined,
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] }],
            },
          },
        },
      },
      "1 node(s) didn't match Pod's node affinity/selector",
    ],
    ['too much memory', async () => undefined, requesting({ memory: '64Gi' }), '1 Insufficient memory'],
  ])('waits because of %s and goes when the node changes', async (_what, arrange, spec, reason) => {
    await createReadyNode(plane, 'n')
    await waitFor(() => plane.informers.informer(resources.nodes).store.get('n'))
    await arrange(plane)
    await waitFor(async () => {
      const { metadata } = await plane.client.get(resources.nodes, { name: 'n' })
      return (
        plane.informers.informer(resources.nodes).store.get('n')?.metadata.resourceVersion ===
        metadata.resourceVersion
      )
    })
    await create('web', spec)
    expect(await refusal('web')).toContain(`0/1 nodes are available: ${reason}.`)
    await patchNode('n', {
      spec: { unschedulable: false },
      metadata: { labels: { disk: 'ssd', cores: '8' } },
    })
    const body = { status: { allocatable: { memory: '128Gi' }, capacity: { memory: '128Gi' } } }
    await plane.client.patch(resources.nodes, { name: 'n' }, { type: 'merge', subresource: 'status', body })
    expect(await nodeOf('web')).toBe('n')
  })

  it('gives room that a finished or deleted pod leaves to one that waits', async () => {
    using _kubelet = startFakeKubelet(plane)
    await createReadyNode(plane, 'n', { cpu: '1' })
    await create('first', requesting({ cpu: '800m' }))
    expect(await nodeOf('first')).toBe('n')
    await create('second', requesting({ cpu: '800m' }))
    expect(await refusal('second')).toContain(
      '1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    )
    await plane.client.delete(resources.pods, { namespace, name: 'first' })
    expect(await nodeOf('second')).toBe('n')
  })

  it('never gives one host port of a node to two pods', async () => {
    await createReadyNode(plane, 'n')
    const withPort = {
      containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80, hostPort: 8080 }] }],
    }
    await create('first', withPort)
    expect(await nodeOf('first')).toBe('n')
    await create('second', withPort)
    expect(await refusal('second')).toContain("1 node(s) didn't have free ports for the requested pod ports")
  })

  it('counts init containers by their largest moment and sidecars throughout', async () => {
    await createReadyNode(plane, 'n', { cpu: '2' })
    const container = (
      name: string,
      cpu: string,
      restartPolicy?: string,
    ): NonNullable<PodSpec['initContainers']>[0] => ({
      name,
      image: 'x',
      resources: { requests: { cpu } },
      ...(restartPolicy ? { restartPolicy } : {}),
    })
    await create('fits', {
      initContainers: [container('side', '500m', 'Always'), container('big', '1500m')],
      containers: [container('main', '500m')],
    })
    expect(await nodeOf('fits')).toBe('n')
    expect(scheduler.explain('default/fits')?.chosen).toBe('n')
    await create('rest', requesting({ cpu: '1m' }))
    expect(await refusal('rest')).toContain('Insufficient cpu')
  })

  it('prefers what preferred affinity and soft taints ask for', async () => {
    await createReadyNode(plane, 'a')
    await createReadyNode(plane, 'b', { labels: { zone: 'east' } })
    await createReadyNode(plane, 'c')
    await patchNode('c', { spec: { taints: [{ key: 'busy', effect: 'PreferNoSchedule' }] } })
    await waitFor(() => plane.informers.informer(resources.nodes).store.get('c')?.spec.taints)
    await create('web', {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 10,
              preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['east'] }] },
            },
          ],
        },
      },
    })
    expect(await nodeOf('web')).toBe('b')
    const verdicts = scheduler.explain('default/web')?.verdicts
    expect(verdicts?.map(({ node }) => node)).toEqual(['b', 'a', 'c'])
  })

  it('leaves pods of other schedulers and gated pods alone', async () => {
    await createReadyNode(plane, 'n')
    await create('other', { schedulerName: 'mine' })
    await create('gated', { schedulingGates: [{ name: 'wait' }] })
    await create('plain')
    expect(await nodeOf('plain')).toBe('n')
    expect((await get('other')).spec.nodeName).toBeUndefined()
    expect((await get('gated')).spec.nodeName).toBeUndefined()
    await plane.client.patch(
      resources.pods,
      { namespace, name: 'gated' },
      { type: 'merge', body: { spec: { schedulingGates: null } } },
    )
    expect(await nodeOf('gated')).toBe('n')
  })

  it('spreads evenly over equal nodes and never overcommits one', async () => {
    for (const name of ['a', 'b', 'c']) await createReadyNode(plane, name, { cpu: '2', pods: '20' })
    await Promise.all(
      Array.from({ length: 30 }, (_, i) => create(`p${i}`, requesting({ cpu: '200m', memory: '10Mi' }))),
    )
    await waitFor(async () =>
      (await plane.client.list(resources.pods)).items.every((pod) => pod.spec.nodeName),
    )
    const counts = new Map<string, number>()
    for (const pod of (await plane.client.list(resources.pods)).items) {
      counts.set(pod.spec.nodeName ?? '', (counts.get(pod.spec.nodeName ?? '') ?? 0) + 1)
    }
    expect([...counts.values()]).toEqual([10, 10, 10])
  })
})
