import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ControllerRevision, DaemonSet } from '../../api/generated/apps-v1.ts'
import type { Pod, Taint } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { createReadyNode, startFakeKubelet } from '../../cluster/testing/fake-kubelet.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { createScheduler, type Scheduler } from '../../scheduler/scheduler.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import type { Controller } from '../kit/controller.ts'
import { createDaemonSetController } from './daemonset.ts'

const namespace = 'default'

function daemonSet(name: string, spec: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return {
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { name: '', labels: { app: name } },
        spec: { containers: [{ name: 'agent', image: 'agent:1' }] },
      },
      ...spec,
    },
  }
}

describe('daemon sets', () => {
  let clock: FakeClock
  let plane: TestControlPlane
  let controller: Controller
  let scheduler: Scheduler
  let kubelet: Disposable
  let isReady: (pod: Pod) => boolean

  beforeEach(async () => {
    clock = new FakeClock()
    plane = createTestControlPlane({ clock })
    isReady = () => true
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    for (const name of ['node-1', 'node-2', 'node-3']) await createReadyNode(plane, name)
    controller = createDaemonSetController(plane.dependencies)
    scheduler = createScheduler(plane.dependencies)
    await Promise.all([controller.start(), scheduler.start()])
    kubelet = startFakeKubelet(plane, { isReady: (pod) => isReady(pod) })
  })
  afterEach(async () => {
    kubelet[Symbol.dispose]()
    await scheduler.stop()
    await controller.stop()
    await plane.close()
  })

  const pods = async (): Promise<Pod[]> => (await plane.client.list(resources.pods, { namespace })).items
  const placed = async (): Promise<string[]> => (await pods()).map((pod) => pod.spec.nodeName ?? '-').sort()
  const images = async (): Promise<string[]> =>
    (await pods()).map((pod) => pod.spec.containers[0]?.image ?? '').sort()
  const get = (name: string): Promise<DaemonSet> =>
    plane.client.get(resources.daemonSets, { namespace, name })
  const patch = (name: string, body: unknown): Promise<DaemonSet> =>
    plane.client.patch(resources.daemonSets, { namespace, name }, { type: 'merge', body })
  const setImage = (name: string, image: string): Promise<DaemonSet> =>
    patch(name, { spec: { template: { spec: { containers: [{ name: 'agent', image }] } } } })
  const revisions = async (): Promise<ControllerRevision[]> =>
    (await plane.client.list(resources.controllerRevisions, { namespace })).items.sort(
      (a, b) => a.revision - b.revision,
    )
  const settled = (name: string): Promise<DaemonSet> =>
    waitFor(async () => {
      const found = await get(name)
      const { status, metadata } = found
      const wanted = status?.desiredNumberScheduled ?? 0
      const isDone =
        status?.observedGeneration === metadata.generation &&
        wanted > 0 &&
        status?.updatedNumberScheduled === wanted &&
        status.numberAvailable === wanted &&
        (await pods()).length === wanted
      return isDone ? found : undefined
    })
  const taint = (name: string, taints: Taint[]): Promise<unknown> =>
    plane.client.patch(resources.nodes, { name }, { type: 'merge', body: { spec: { taints } } })

  it('runs one pod on each node, bound by affinity, with the tolerations of a daemon', async () => {
    await taint('node-2', [
      { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
    ])
    await plane.client.create(resources.daemonSets, daemonSet('agent'))
    const done = await settled('agent')
    expect(await placed()).toEqual(['node-1', 'node-2', 'node-3'])
    expect(done.status).toEqual({
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      numberMisscheduled: 0,
      numberReady: 3,
      numberAvailable: 3,
      updatedNumberScheduled: 3,
      observedGeneration: 1,
    })
    const [revision] = await revisions()
    const pod = (await pods()).find((one) => one.spec.nodeName === 'node-2')
    expect(pod?.metadata.labels).toEqual({
      app: 'agent',
      'controller-revision-hash': revision?.metadata.labels?.['controller-revision-hash'],
      'pod-template-generation': '1',
    })
    expect(
      pod?.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    ).toEqual([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-2'] }] }])
    expect(pod?.spec.tolerations?.map(({ key }) => key)).toContain('node.kubernetes.io/pid-pressure')
  })

  it('follows nodes as they come, go and change', async () => {
    await plane.client.create(
      resources.daemonSets,
      daemonSet('agent', {
        template: {
          metadata: { name: '', labels: { app: 'agent' } },
          spec: { containers: [{ name: 'agent', image: 'agent:1' }], nodeSelector: { disk: 'ssd' } },
        },
      }),
    )
    await waitFor(async () => (await get('agent')).status?.observedGeneration === 1)
    expect(await placed()).toEqual([])
    await plane.client.patch(
      resources.nodes,
      { name: 'node-1' },
      { type: 'merge', body: { metadata: { labels: { disk: 'ssd' } } } },
    )
    await createReadyNode(plane, 'node-4', { labels: { disk: 'ssd' } })
    await waitFor(async () => (await get('agent')).status?.numberReady === 2)
    expect(await placed()).toEqual(['node-1', 'node-4'])
    await taint('node-4', [{ key: 'mine', effect: 'NoSchedule' }])
    await waitFor(async () => (await get('agent')).status?.numberMisscheduled === 1)
    await taint('node-4', [{ key: 'mine', effect: 'NoExecute' }])
    await waitFor(async () => (await pods()).length === 1)
    await plane.client.patch(
      resources.nodes,
      { name: 'node-1' },
      { type: 'merge', body: { metadata: { labels: { disk: null } } } },
    )
    await waitFor(async () => (await pods()).length === 0)
    await waitFor(async () => (await get('agent')).status?.desiredNumberScheduled === 0)
  })

  it('rolls out within maxUnavailable and keeps a history', async () => {
    await plane.client.create(resources.daemonSets, daemonSet('agent'))
    await settled('agent')
    isReady = (pod) => pod.spec.containers[0]?.image !== 'agent:broken'
    await setImage('agent', 'agent:broken')
    await waitFor(async () => (await get('agent')).status?.updatedNumberScheduled === 1)
    await waitFor(async () => (await images()).filter((image) => image === 'agent:1').length === 2)
    expect((await get('agent')).status).toMatchObject({ numberAvailable: 2, numberUnavailable: 1 })
    await setImage('agent', 'agent:2')
    await settled('agent')
    expect(await images()).toEqual(['agent:2', 'agent:2', 'agent:2'])
    expect((await revisions()).map(({ revision }) => revision)).toEqual([1, 2, 3])
    expect((await get('agent')).metadata.annotations?.['deprecated.daemonset.template.generation']).toBe('3')
  })

  it('surges: the old pod stays until the new one is available', async () => {
    await plane.client.create(
      resources.daemonSets,
      daemonSet('agent', {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      }),
    )
    await settled('agent')
    const counts: number[] = []
    const informer = plane.informers.informer(resources.pods)
    const isAvailable = (pod: Pod): boolean =>
      pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp
    const watch = informer.addHandler({
      updated: () => void counts.push(informer.store.list().filter(isAvailable).length),
    })
    await setImage('agent', 'agent:2')
    await settled('agent')
    watch[Symbol.dispose]()
    expect(await images()).toEqual(['agent:2', 'agent:2', 'agent:2'])
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(3)
    expect(Math.max(...counts)).toBeLessThanOrEqual(4)
  })

  it('keeps the template in a revision byte by byte as upstream, whose tools compare it so', async () => {
    await plane.client.create(resources.daemonSets, daemonSet('agent'))
    const [revision] = await waitFor(async () => {
      const found = await revisions()
      return found.length > 0 ? found : undefined
    })
    expect(JSON.stringify(revision?.data)).toBe(
      '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"agent"}},"spec":{"containers":[' +
        '{"image":"agent:1","imagePullPolicy":"IfNotPresent","name":"agent","resources":{},' +
        '"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],' +
        '"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler",' +
        '"securityContext":{},"terminationGracePeriodSeconds":30}}}}',
    )
  })

  it('leaves the update to deletions with OnDelete, and undoes to a known revision', async () => {
    await plane.client.create(
      resources.daemonSets,
      daemonSet('agent', { updateStrategy: { type: 'OnDelete' } }),
    )
    await settled('agent')
    const [first] = await revisions()
    await setImage('agent', 'agent:2')
    await waitFor(async () => (await get('agent')).status?.observedGeneration === 2)
    expect(await images()).toEqual(['agent:1', 'agent:1', 'agent:1'])
    const [one] = await pods()
    await plane.client.delete(resources.pods, { namespace, name: one?.metadata.name ?? '' })
    await waitFor(async () => (await images()).includes('agent:2'))
    await plane.client.patch(
      resources.daemonSets,
      { namespace, name: 'agent' },
      { type: 'strategic', body: first?.data },
    )
    await waitFor(async () => (await revisions()).at(-1)?.metadata.name === first?.metadata.name)
    expect((await revisions()).map(({ revision }) => revision)).toEqual([2, 3])
  })

  it('replaces failed pods, slower and slower', async () => {
    await plane.client.create(resources.daemonSets, daemonSet('agent'))
    await settled('agent')
    const fail = async (): Promise<string> => {
      const pod = (await pods()).find(({ spec }) => spec.nodeName === 'node-1')
      const name = pod?.metadata.name ?? ''
      const options = { type: 'merge', subresource: 'status', body: { status: { phase: 'Failed' } } } as const
      await plane.client.patch(resources.pods, { namespace, name }, options)
      return name
    }
    const isReplaced = async (name: string): Promise<boolean> => {
      const there = (await pods()).filter(({ spec }) => spec.nodeName === 'node-1')
      return there.length === 1 && there[0]?.metadata.name !== name && there[0]?.status?.phase === 'Running'
    }
    const first = await fail()
    await waitFor(() => isReplaced(first))
    const second = await fail()
    await waitFor(async () => (await get('agent')).status?.numberReady === 3)
    expect((await pods()).map(({ metadata }) => metadata.name)).toContain(second)
    await waitFor(async () => {
      await clock.advance(500)
      return isReplaced(second)
    })
    await plane.flushEvents()
    const events = await plane.client.list(resources.events, { namespace })
    expect(events.items.map(({ reason }) => reason)).toContain('FailedDaemonPod')
  })
})
