import { describe, expect, it } from 'vitest'
import type { ControllerRevision, StatefulSet } from '../../api/generated/apps-v1.ts'
import { resources } from '../../api/resources.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { namespace, usePlane } from '../testing/use-plane.ts'
import { createStatefulSetController } from './statefulset.ts'

function statefulSet(name: string, spec: Partial<StatefulSet['spec']> = {}): StatefulSet {
  return {
    metadata: { name, namespace },
    spec: {
      replicas: 3,
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { name: '', labels: { app: name } },
        spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
      },
      ...spec,
    },
  }
}

describe('stateful sets', () => {
  const under = usePlane(({ dependencies }) => [createStatefulSetController(dependencies)])
  const { pods } = under

  const names = async (): Promise<string[]> => (await pods()).map((pod) => pod.metadata.name).sort()
  const get = (name: string): Promise<StatefulSet> =>
    under.plane.client.get(resources.statefulSets, { namespace, name })
  const patch = (name: string, body: unknown): Promise<StatefulSet> =>
    under.plane.client.patch(resources.statefulSets, { namespace, name }, { type: 'merge', body })
  const setImage = (name: string, image: string): Promise<StatefulSet> =>
    patch(name, { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } })
  const revisions = async (): Promise<ControllerRevision[]> =>
    (await under.plane.client.list(resources.controllerRevisions, { namespace })).items.sort(
      (a, b) => a.revision - b.revision,
    )
  const settled = (name: string): Promise<StatefulSet> =>
    waitFor(async () => {
      const found = await get(name)
      const { status, spec, metadata } = found
      const isDone =
        status?.observedGeneration === metadata.generation &&
        status?.readyReplicas === spec.replicas &&
        status?.replicas === spec.replicas &&
        status?.updatedReplicas === spec.replicas &&
        status?.currentRevision === status?.updateRevision
      return isDone ? found : undefined
    })
  /** The names of pods in the order they are added and deleted from now on. */
  function record(): string[] {
    const log: string[] = []
    let began = false
    under.parts.use(
      under.plane.informers.informer(resources.pods).addHandler({
        added: (pod) => began && void log.push(`+${pod.metadata.name}`),
        deleted: (pod) => void log.push(`-${pod.metadata.name}`),
      }),
    )
    began = true
    return log
  }

  it('starts pods in order, each when the one before is ready, with stable identities', async () => {
    under.isReady = (pod) => pod.metadata.name !== 'web-1'
    await under.plane.client.create(resources.statefulSets, statefulSet('web'))
    await waitFor(async () => (await get('web')).status?.replicas === 2)
    expect(await names()).toEqual(['web-0', 'web-1'])
    under.isReady = () => true
    await under.plane.client.delete(resources.pods, { namespace, name: 'web-1' })
    const done = await settled('web')
    expect(await names()).toEqual(['web-0', 'web-1', 'web-2'])
    const [revision] = await revisions()
    expect(done.status).toEqual({
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: revision?.metadata.name,
      updateRevision: revision?.metadata.name,
      collisionCount: 0,
      observedGeneration: 1,
    })
    const second = (await pods()).find((pod) => pod.metadata.name === 'web-2')
    expect(second?.metadata.labels).toEqual({
      app: 'web',
      'statefulset.kubernetes.io/pod-name': 'web-2',
      'apps.kubernetes.io/pod-index': '2',
      'controller-revision-hash': revision?.metadata.name,
    })
    expect(second?.spec).toMatchObject({ hostname: 'web-2', subdomain: 'web' })
    await under.plane.flushEvents()
    const events = await under.plane.client.list(resources.events, { namespace })
    expect(events.items.map(({ message }) => message)).toContain(
      'create Pod web-2 in StatefulSet web successful',
    )
  })

  it('scales down from the highest ordinal, one after the other', async () => {
    await under.plane.client.create(resources.statefulSets, statefulSet('web'))
    await settled('web')
    const log = record()
    await patch('web', { spec: { replicas: 1 } })
    await settled('web')
    expect(log).toEqual(['-web-2', '-web-1'])
  })

  it('rolls a new template out from the highest ordinal, down to the partition', async () => {
    await under.plane.client.create(resources.statefulSets, statefulSet('web'))
    const before = await settled('web')
    const log = record()
    await patch('web', { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } })
    await setImage('web', 'nginx:2')
    await waitFor(async () => (await get('web')).status?.updatedReplicas === 2)
    await waitFor(async () => (await get('web')).status?.readyReplicas === 3)
    expect(log).toEqual(['-web-2', '+web-2', '-web-1', '+web-1'])
    const half = await get('web')
    expect(half.status).toMatchObject({
      currentReplicas: 1,
      currentRevision: before.status?.currentRevision,
    })
    await under.plane.client.delete(resources.pods, { namespace, name: 'web-0' })
    const again = await waitFor(async () =>
      (await pods()).find((pod) => pod.metadata.name === 'web-0' && pod.status?.phase === 'Running'),
    )
    expect(again.spec.containers[0]?.image).toBe('nginx:1')
    await patch('web', { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } })
    const done = await settled('web')
    expect((await pods()).every((pod) => pod.spec.containers[0]?.image === 'nginx:2')).toBe(true)
    expect(done.status?.currentRevision).not.toBe(before.status?.currentRevision)
  })

  it('keeps a history that undo works from, up to its limit', async () => {
    await under.plane.client.create(
      resources.statefulSets,
      statefulSet('web', { replicas: 1, revisionHistoryLimit: 1 }),
    )
    await settled('web')
    const [first] = await revisions()
    await setImage('web', 'nginx:2')
    await settled('web')
    expect((await revisions()).map(({ revision }) => revision)).toEqual([1, 2])
    // What kubectl rollout undo does: the revision's data as a strategic merge patch.
    await under.plane.client.patch(
      resources.statefulSets,
      { namespace, name: 'web' },
      { type: 'strategic', body: first?.data },
    )
    const undone = await settled('web')
    expect(undone.status?.currentRevision).toBe(first?.metadata.name)
    expect((await revisions()).map(({ revision, metadata }) => [revision, metadata.name])).toEqual([
      [2, expect.any(String)],
      [3, first?.metadata.name],
    ])
    await setImage('web', 'nginx:3')
    await settled('web')
    await waitFor(async () => (await revisions()).length === 2)
    expect((await revisions()).map(({ revision }) => revision)).toEqual([3, 4])
  })

  it('works on all at once with Parallel, from the first ordinal asked for', async () => {
    under.isReady = () => false
    await under.plane.client.create(
      resources.statefulSets,
      statefulSet('web', { podManagementPolicy: 'Parallel', ordinals: { start: 5 } }),
    )
    await waitFor(async () => (await pods()).length === 3)
    expect(await names()).toEqual(['web-5', 'web-6', 'web-7'])
    // A broken revision does not stand in the way of its repair.
    under.isReady = () => true
    await setImage('web', 'nginx:2')
    await settled('web')
    expect((await pods()).every((pod) => pod.spec.containers[0]?.image === 'nginx:2')).toBe(true)
  })

  it('replaces as many at once as may be unavailable', async () => {
    await under.plane.client.create(
      resources.statefulSets,
      statefulSet('web', {
        replicas: 4,
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%' } },
      }),
    )
    await settled('web')
    under.isReady = (pod) => pod.spec.containers[0]?.image === 'nginx:1'
    await setImage('web', 'nginx:2')
    await waitFor(async () => (await get('web')).status?.updatedReplicas === 2)
    const images = new Map((await pods()).map((pod) => [pod.metadata.name, pod.spec.containers[0]?.image]))
    expect([...images.entries()].sort()).toEqual([
      ['web-0', 'nginx:1'],
      ['web-1', 'nginx:1'],
      ['web-2', 'nginx:2'],
      ['web-3', 'nginx:2'],
    ])
  })

  it('leaves the update to deletions with OnDelete', async () => {
    await under.plane.client.create(
      resources.statefulSets,
      statefulSet('web', { replicas: 2, updateStrategy: { type: 'OnDelete' } }),
    )
    await waitFor(async () => (await get('web')).status?.readyReplicas === 2)
    await setImage('web', 'nginx:2')
    const seen = await waitFor(async () => {
      const found = await get('web')
      return found.status?.observedGeneration === 2 ? found : undefined
    })
    expect(seen.status?.updatedReplicas ?? 0).toBe(0)
    await under.plane.client.delete(resources.pods, { namespace, name: 'web-1' })
    await waitFor(async () => (await get('web')).status?.updatedReplicas === 1)
    await waitFor(async () => (await get('web')).status?.readyReplicas === 2)
    const images = (await pods()).map((pod) => pod.spec.containers[0]?.image)
    expect(images.sort()).toEqual(['nginx:1', 'nginx:2'])
  })

  it('waits for minReadySeconds before it goes on', async () => {
    await under.plane.client.create(
      resources.statefulSets,
      statefulSet('web', { replicas: 2, minReadySeconds: 10 }),
    )
    await waitFor(async () => (await get('web')).status?.readyReplicas === 1)
    expect(await names()).toEqual(['web-0'])
    await under.clock.advance(11_000)
    await waitFor(async () => (await pods()).length === 2)
  })

  it('starts failed pods anew', async () => {
    await under.plane.client.create(resources.statefulSets, statefulSet('web', { replicas: 1 }))
    await settled('web')
    const [pod] = await pods()
    await under.plane.client.patch(
      resources.pods,
      { namespace, name: 'web-0' },
      { type: 'merge', subresource: 'status', body: { status: { phase: 'Failed' } } },
    )
    await waitFor(async () => {
      const [now] = await pods()
      return now && now.metadata.uid !== pod?.metadata.uid && now.status?.phase === 'Running'
    })
  })
})
