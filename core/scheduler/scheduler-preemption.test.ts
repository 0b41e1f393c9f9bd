import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod, PodSpec } from '../api/generated/core-v1.ts'
import type { PodDisruptionBudget } from '../api/generated/policy-v1.ts'
import type { PriorityClass } from '../api/generated/scheduling-v1.ts'
import type { Resource } from '../api/gvk.ts'
import { findCondition } from '../api/conditions.ts'
import { podStatusText } from '../api/pod-status.ts'
import { resources } from '../api/resources.ts'
import { createReadyNode, startFakeKubelet } from '../cluster/testing/fake-kubelet.ts'
import { createTestControlPlane, type TestControlPlane } from '../cluster/testing/test-control-plane.ts'
import { waitFor } from '../cluster/testing/wait-for.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'

const namespace = 'default'
const priorityClasses: Resource<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  resource: 'priorityclasses',
  kind: 'PriorityClass',
  namespaced: false,
}

const podDisruptionBudgets: Resource<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  resource: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
}

function requesting(cpu: string, more: Partial<PodSpec> = {}): Partial<PodSpec> {
  return { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu } } }], ...more }
}
const urgent = { priorityClassName: 'system-cluster-critical' }

describe('the scheduler among pods of several priorities', () => {
  let plane: TestControlPlane
  let scheduler: Scheduler
  let kubelet: Disposable

  beforeEach(async () => {
    plane = createTestControlPlane()
    for (const name of [namespace, 'kube-system']) {
      await plane.client.create(resources.namespaces, { metadata: { name }, spec: {} })
      await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: name } })
    }
    scheduler = createScheduler({ ...plane.dependencies, resources: () => plane.resources() })
    await scheduler.start()
    kubelet = startFakeKubelet(plane)
  })
  afterEach(async () => {
    kubelet[Symbol.dispose]()
    await scheduler.stop()
    await plane.close()
  })

  const create = (name: string, spec: Partial<PodSpec>, labels: Record<string, string> = {}): Promise<Pod> =>
    plane.client.create(resources.pods, {
      metadata: { name, namespace, labels },
      spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
    })
  const get = (name: string): Promise<Pod> => plane.client.get(resources.pods, { namespace, name })
  const nodeOf = (name: string): Promise<string> => waitFor(async () => (await get(name)).spec.nodeName)
  const refusal = (name: string): Promise<string> =>
    waitFor(async () => {
      const condition = findCondition((await get(name)).status?.conditions, 'PodScheduled')
      return condition?.reason === 'Unschedulable' ? condition.message : undefined
    })
  const events = async (): Promise<{ about: string; reason: string; message: string }[]> => {
    await plane.flushEvents()
    const { items } = await plane.client.list(resources.events, { namespace })
    return items.map(({ involvedObject, reason = '', message = '' }) => ({
      about: involvedObject.name ?? '',
      reason,
      message,
    }))
  }

  it('evicts a less important pod, says so, and gives its place to the other', async () => {
    await createReadyNode(plane, 'n', { cpu: '1' })
    await create('low', requesting('800m'))
    await waitFor(async () => (await get('low')).status?.phase === 'Running')
    const ends: Pod[] = []
    using _watch = plane.informers.informer(resources.pods).addHandler({
      deleted: (pod) => void ends.push(pod),
    })
    const { metadata } = await create('high', requesting('800m', urgent))
    expect(await nodeOf('high')).toBe('n')
    expect(ends.map((pod) => pod.metadata.name)).toEqual(['low'])
    const condition = findCondition(ends[0]?.status?.conditions, 'DisruptionTarget')
    expect(condition).toMatchObject({
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    })
    const said = await events()
    expect(said).toContainEqual({
      about: 'low',
      reason: 'Preempted',
      message: `Preempted by pod ${metadata.uid} on node n`,
    })
    expect(said).toContainEqual({
      about: 'high',
      reason: 'FailedScheduling',
      message: '0/1 nodes are available: 1 Insufficient cpu.',
    })
  })

  it('nominates the pod while its victims end, and takes no more of them meanwhile', async () => {
    kubelet[Symbol.dispose]()
    let mayEnd = false
    kubelet = startFakeKubelet(plane, { isAlive: () => mayEnd })
    for (const name of ['a', 'b']) await createReadyNode(plane, name, { cpu: '1' })
    for (const name of ['low-1', 'low-2']) {
      await create(name, requesting('800m'))
      await nodeOf(name)
    }
    await create('high', requesting('800m', urgent))
    const nominated = await waitFor(async () => (await get('high')).status?.nominatedNodeName)
    expect(scheduler.explain('default/high')?.preemption?.node).toBe(nominated)
    const ending = async (): Promise<Pod[]> =>
      (await plane.client.list(resources.pods)).items.filter((pod) => pod.metadata.deletionTimestamp)
    await waitFor(async () => (await ending()).length === 1)
    // A change of its own makes it try again: it must wait for what it asked for.
    const body = { metadata: { labels: { changed: 'yes' } } }
    await plane.client.patch(resources.pods, { namespace, name: 'high' }, { type: 'merge', body })
    await waitFor(async () =>
      (await refusal('high')).endsWith('not eligible due to a terminating pod on the nominated node.'),
    )
    // Less important pods do not get the room that is being made.
    await create('late', requesting('800m'))
    expect(await refusal('late')).toContain('2 Insufficient cpu')
    expect(await ending()).toHaveLength(1)
    mayEnd = true
    const [victim] = await ending()
    const ref = { namespace, name: victim?.metadata.name ?? '' }
    await plane.client.delete(resources.pods, ref, { gracePeriodSeconds: 0 })
    expect(await nodeOf('high')).toBe(nominated)
    expect((await get('high')).status?.nominatedNodeName).toBeUndefined()
    expect((await get('late')).spec.nodeName).toBeUndefined()
  })

  it('never evicts for a pod whose policy is Never', async () => {
    const isServed = plane.resources().some(({ resource }) => resource === priorityClasses.resource)
    expect(isServed).toBe(true)
    await plane.client.create(priorityClasses, {
      metadata: { name: 'patient' },
      value: 100,
      preemptionPolicy: 'Never',
    })
    await createReadyNode(plane, 'n', { cpu: '1' })
    await create('low', requesting('800m'))
    await nodeOf('low')
    await create('high', requesting('800m', { priorityClassName: 'patient' }))
    expect(await refusal('high')).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    )
    expect((await get('low')).metadata.deletionTimestamp).toBeUndefined()
  })

  it('spares pods that a PodDisruptionBudget protects', async () => {
    for (const name of ['a', 'b']) await createReadyNode(plane, name, { cpu: '1' })
    await plane.client.create(podDisruptionBudgets, {
      metadata: { name: 'guard', namespace },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
    })
    await waitFor(() => plane.informers.informer(podDisruptionBudgets).store.get('default/guard'))
    await create('guarded', requesting('800m'), { app: 'guarded' })
    await nodeOf('guarded')
    // It matters more than the guarded one: without the budget that would go.
    await plane.client.create(priorityClasses, { metadata: { name: 'middle' }, value: 10 })
    await create('middle', requesting('800m', { priorityClassName: 'middle' }))
    const node = await nodeOf('middle')
    await create('high', requesting('800m', urgent))
    expect(await nodeOf('high')).toBe(node)
    expect((await get('guarded')).metadata.deletionTimestamp).toBeUndefined()
  })

  it('shows gated pods as such until the last gate is gone', async () => {
    await createReadyNode(plane, 'n')
    await create('gated', { schedulingGates: [{ name: 'one' }, { name: 'two' }] })
    const gate = (names: string[]): Promise<Pod> =>
      plane.client.patch(
        resources.pods,
        { namespace, name: 'gated' },
        { type: 'merge', body: { spec: { schedulingGates: names.map((name) => ({ name })) } } },
      )
    expect(podStatusText(await get('gated'))).toBe('SchedulingGated')
    expect(findCondition((await get('gated')).status?.conditions, 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'SchedulingGated',
      observedGeneration: 1,
    })
    await gate(['two'])
    await create('plain', {})
    await nodeOf('plain')
    expect((await get('gated')).spec.nodeName).toBeUndefined()
    expect(scheduler.pending).toBe(0)
    await gate([])
    expect(await nodeOf('gated')).toBe('n')
  })

  it('tries pods again when others they want near come, or those they avoid go', async () => {
    for (const name of ['a', 'b']) await createReadyNode(plane, name)
    const term = (app: string): object => ({
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } },
      ],
    })
    await create('follower', { affinity: { podAffinity: term('leader') } })
    expect(await refusal('follower')).toBe(
      "0/2 nodes are available: 2 node(s) didn't match pod affinity rules. " +
        'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    )
    await create('leader', {}, { app: 'leader' })
    const leading = await nodeOf('leader')
    expect(await nodeOf('follower')).toBe(leading)

    const apart = { affinity: { podAntiAffinity: term('lonely') } }
    await create('lonely-1', apart, { app: 'lonely' })
    await create('lonely-2', apart, { app: 'lonely' })
    await nodeOf('lonely-1')
    const second = await nodeOf('lonely-2')
    await create('lonely-3', apart, { app: 'lonely' })
    expect(await refusal('lonely-3')).toContain("2 node(s) didn't match pod anti-affinity rules")
    await plane.client.delete(resources.pods, { namespace, name: 'lonely-2' })
    expect(await nodeOf('lonely-3')).toBe(second)
  })

  it('spreads a workload over zones and goes on when a zone comes', async () => {
    for (const [name, zone] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ] as const) {
      await createReadyNode(plane, name, { labels: { zone } })
    }
    const topologySpreadConstraints = [
      {
        topologyKey: 'zone',
        maxSkew: 1,
        minDomains: 3,
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ]
    for (const name of ['w1', 'w2', 'w3']) await create(name, { topologySpreadConstraints }, { app: 'web' })
    const placed = async (): Promise<string[]> =>
      (await plane.client.list(resources.pods)).items.flatMap(({ spec }) => spec.nodeName ?? [])
    await waitFor(async () => (await placed()).length === 2)
    const waiting = await waitFor(async () =>
      (await plane.client.list(resources.pods)).items.find(
        (pod) => findCondition(pod.status?.conditions, 'PodScheduled')?.reason === 'Unschedulable',
      ),
    )
    expect(await refusal(waiting.metadata.name)).toContain(
      "3 node(s) didn't match pod topology spread constraints. preemption: 0/3 nodes are available: " +
        '3 No preemption victims found for incoming pod.',
    )
    await createReadyNode(plane, 'c1', { labels: { zone: 'c' } })
    expect(await nodeOf(waiting.metadata.name)).toBe('c1')
  })
})
