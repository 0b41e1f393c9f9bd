import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import { resources } from '../../api/resources.ts'
import type { StatusError } from '../../api/status.ts'
import { createReadyNode, startFakeKubelet } from '../../cluster/testing/fake-kubelet.ts'
import { bindPods } from '../../cluster/testing/bind-pods.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import type { Controller } from '../kit/controller.ts'
import { createReplicaSetController } from '../replicaset/replicaset.ts'
import { createDisruptionController } from './disruption.ts'
import { createStaleDisruptionController } from './stale-disruption.ts'

const namespace = 'default'

describe('disruption budgets', () => {
  let clock: FakeClock
  let plane: TestControlPlane
  let controllers: Controller[]
  let helpers: Disposable[]
  let unready: Set<string>

  beforeEach(async () => {
    clock = new FakeClock()
    unready = new Set()
    plane = createTestControlPlane({ clock })
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    await createReadyNode(plane, 'node-1')
    const options = { ...plane.dependencies, resources: () => plane.resources() }
    controllers = [
      createReplicaSetController(plane.dependencies),
      createDisruptionController(options),
      createStaleDisruptionController(plane.dependencies),
    ]
    for (const controller of controllers) await controller.start()
    helpers = [
      bindPods(plane, 'node-1'),
      startFakeKubelet(plane, { isReady: (pod) => !unready.has(pod.metadata.labels?.['app'] ?? '') }),
    ]
  })
  afterEach(async () => {
    for (const helper of helpers) helper[Symbol.dispose]()
    for (const controller of controllers) await controller.stop()
    await plane.close()
  })

  const replicaSet = (app: string, replicas: number): Promise<unknown> =>
    plane.client.create(resources.replicaSets, {
      metadata: { name: app, namespace },
      spec: {
        replicas,
        selector: { matchLabels: { app } },
        template: {
          metadata: { name: '', labels: { app } },
          spec: { containers: [{ name: 'web', image: 'nginx' }] },
        },
      },
    })
  const budget = (
    name: string,
    spec: PodDisruptionBudget['spec'],
    app = 'web',
  ): Promise<PodDisruptionBudget> =>
    plane.client.create(resources.podDisruptionBudgets, {
      metadata: { name, namespace },
      spec: { selector: { matchLabels: { app } }, ...spec },
    })
  const statusOf = async (name: string): Promise<PodDisruptionBudget['status']> =>
    (await plane.client.get(resources.podDisruptionBudgets, { namespace, name })).status
  const settled = (name: string, wanted: Partial<PodDisruptionBudget['status']>): Promise<unknown> =>
    waitFor(async () => {
      const status = (await statusOf(name)) as Record<string, unknown> | undefined
      return Object.entries(wanted ?? {}).every(([key, value]) => status?.[key] === value)
    })
  const pods = async (app = 'web'): Promise<Pod[]> =>
    (await plane.client.list(resources.pods, { namespace, labelSelector: `app=${app}` })).items
  const running = (app: string, count: number): Promise<unknown> =>
    waitFor(
      async () => (await pods(app)).filter(({ status }) => status?.phase === 'Running').length === count,
    )
  const evict = (name: string, more: object = {}): Promise<unknown> =>
    plane.client.createSubresource(resources.pods, { namespace, name, subresource: 'eviction' }, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
      ...more,
    } as never)
  const refusal = async (work: Promise<unknown>): Promise<StatusError['status']> => {
    const error = await work.then(
      () => undefined,
      (failure: StatusError) => failure,
    )
    if (!error) throw new Error('it was let through')
    return error.status
  }

  it.each([
    ['minAvailable as a number', { minAvailable: 2 }, { desiredHealthy: 2, disruptionsAllowed: 2 }],
    [
      'minAvailable in percent, rounded up',
      { minAvailable: '51%' },
      { desiredHealthy: 3, disruptionsAllowed: 1 },
    ],
    ['maxUnavailable as a number', { maxUnavailable: 1 }, { desiredHealthy: 3, disruptionsAllowed: 1 }],
    [
      'maxUnavailable in percent, rounded up',
      { maxUnavailable: '30%' },
      { desiredHealthy: 2, disruptionsAllowed: 2 },
    ],
    ['more than there are', { minAvailable: 9 }, { desiredHealthy: 9, disruptionsAllowed: 0 }],
  ])('count %s', async (_name, spec, wanted) => {
    await replicaSet('web', 4)
    await running('web', 4)
    await budget('web', spec)
    await settled('web', { currentHealthy: 4, expectedPods: 4, ...wanted })
    const status = await statusOf('web')
    const isAllowed = wanted.disruptionsAllowed > 0
    expect(status).toMatchObject({ observedGeneration: 1 })
    expect(status?.conditions?.[0]).toMatchObject({
      type: 'DisruptionAllowed',
      status: isAllowed ? 'True' : 'False',
      reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
      observedGeneration: 1,
    })
  })

  it('follow the scale of the owner and the health of pods', async () => {
    await replicaSet('web', 2)
    await running('web', 2)
    await budget('web', { maxUnavailable: '50%' })
    await settled('web', { expectedPods: 2, disruptionsAllowed: 1 })
    await plane.client.updateScale(resources.replicaSets, { namespace, name: 'web' }, 6)
    await settled('web', { expectedPods: 6, desiredHealthy: 3, currentHealthy: 6, disruptionsAllowed: 3 })
  })

  it('that match nothing let nothing go and say so', async () => {
    await budget('web', { maxUnavailable: 1 })
    await settled('web', { expectedPods: 0, disruptionsAllowed: 0 })
    await plane.flushEvents()
    const { items } = await plane.client.list(resources.events, { namespace })
    expect(items.map(({ reason, message }) => [reason, message])).toContainEqual([
      'NoPods',
      'No matching pods found',
    ])
  })

  it('say when a controller’s scale cannot be told, and let nothing go', async () => {
    await plane.client.create(resources.pods, {
      metadata: {
        name: 'odd',
        namespace,
        labels: { app: 'web' },
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'gone', uid: 'u', controller: true }],
      },
      spec: { containers: [{ name: 'web', image: 'nginx' }] },
    })
    await budget('web', { maxUnavailable: 1 })
    const status = await waitFor(async () => {
      const found = await statusOf('web')
      return found?.conditions?.[0]?.reason === 'SyncFailed' ? found : undefined
    })
    expect(status).toMatchObject({ disruptionsAllowed: 0 })
    expect(status.conditions?.[0]?.message).toBe('jobs.batch does not implement the scale subresource')
    const refused = await refusal(evict('odd').then(() => evict('odd')))
    expect(refused.code).not.toBe(200)
  })

  it('are spent by evictions, which mark their pods', async () => {
    await replicaSet('web', 3)
    await running('web', 3)
    await budget('web', { minAvailable: 2 })
    await settled('web', { disruptionsAllowed: 1 })
    const [first, second] = await pods()
    const ref = { namespace, name: first!.metadata.name }
    // What keeps it in place shows what was written on it.
    await plane.client.patch(resources.pods, ref, {
      type: 'merge',
      body: { metadata: { finalizers: ['example.com/keep'] } },
    })
    await evict(ref.name)
    const going = await plane.client.get(resources.pods, ref)
    expect(going.metadata.deletionTimestamp).toBeDefined()
    expect(going.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    })
    const refused = await refusal(evict(second!.metadata.name))
    expect(refused).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
    })
    expect(refused.details?.causes).toEqual([
      {
        reason: 'DisruptionBudget',
        message: 'The disruption budget web needs 2 healthy pods and has 2 currently',
      },
    ])
  })

  it('are not spent by a dry run', async () => {
    await replicaSet('web', 2)
    await running('web', 2)
    await budget('web', { minAvailable: 1 })
    await settled('web', { disruptionsAllowed: 1 })
    const [first] = await pods()
    await evict(first!.metadata.name, { deleteOptions: { dryRun: ['All'] } })
    expect(await pods()).toHaveLength(2)
    expect(await statusOf('web')).toMatchObject({ disruptionsAllowed: 1 })
  })

  it('let pods go that are not healthy, by policy', async () => {
    unready.add('web')
    await replicaSet('web', 2)
    await running('web', 2)
    await budget('web', { minAvailable: 1 })
    await settled('web', { currentHealthy: 0, desiredHealthy: 1 })
    const [first] = await pods()
    expect((await refusal(evict(first!.metadata.name))).code).toBe(429)
    await plane.client.patch(
      resources.podDisruptionBudgets,
      { namespace, name: 'web' },
      { type: 'merge', body: { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } } },
    )
    await evict(first!.metadata.name)
    await waitFor(async () => (await pods()).every(({ metadata }) => metadata.name !== first!.metadata.name))
  })

  it('must be one for a pod', async () => {
    await replicaSet('web', 2)
    await running('web', 2)
    await budget('a', { minAvailable: 0 })
    await budget('b', { minAvailable: 0 })
    await settled('b', { disruptionsAllowed: 2 })
    const [first] = await pods()
    expect(await refusal(evict(first!.metadata.name))).toMatchObject({
      code: 500,
      message:
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    })
  })

  it('forget an eviction that never came about', async () => {
    await replicaSet('web', 2)
    await running('web', 2)
    const made = await budget('web', { minAvailable: 1 })
    await settled('web', { disruptionsAllowed: 1 })
    const [first] = await pods()
    const current = await plane.client.get(resources.podDisruptionBudgets, { namespace, name: 'web' })
    const disruptedPods = { [first!.metadata.name]: new Date(clock.now()).toISOString().replace(/\.\d+/, '') }
    await plane.client.updateStatus(resources.podDisruptionBudgets, {
      ...current,
      status: { ...current.status!, disruptedPods },
    })
    await settled('web', { currentHealthy: 1, disruptionsAllowed: 0 })
    await waitFor(async () => {
      await clock.advance(10_000)
      return (await statusOf('web'))?.disruptionsAllowed === 1
    })
    expect((await statusOf('web'))?.disruptedPods).toBeUndefined()
    expect(made.metadata.name).toBe('web')
  })

  it('take back the mark of a pod that lives on', async () => {
    await replicaSet('web', 1)
    await running('web', 1)
    const [pod] = await pods()
    const ref = { namespace, name: pod!.metadata.name }
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      lastTransitionTime: new Date(clock.now()).toISOString().replace(/\.\d+/, ''),
    }
    const body = { status: { conditions: [condition] } }
    await plane.client.patch(resources.pods, ref, { type: 'strategic', subresource: 'status', body })
    const mark = async () =>
      (await plane.client.get(resources.pods, ref)).status?.conditions?.find(
        ({ type }) => type === 'DisruptionTarget',
      )
    expect((await mark())?.status).toBe('True')
    await waitFor(async () => {
      await clock.advance(10_000)
      return (await mark())?.status === 'False'
    })
  })
})
