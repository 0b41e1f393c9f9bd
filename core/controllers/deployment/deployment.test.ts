import { describe, expect, it } from 'vitest'
import { findCondition } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { namespace } from '../testing/use-plane.ts'
import { deployment, useDeployments } from './testing/use-deployments.ts'

describe('deployments', () => {
  const under = useDeployments()
  const { get, sets, pods, messages, complete, setImage } = under

  it('rolls out, with the conditions, revision and events that kubectl reads', async () => {
    await under.plane.client.create(resources.deployments, deployment('web'))
    const done = await complete('web')
    const [set] = await sets()
    expect(set?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]+$/)
    expect(set?.metadata.labels?.['pod-template-hash']).toBe(set?.metadata.name.slice(4))
    expect(done.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1')
    expect(done.status?.conditions).toMatchObject([
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
      },
    ])
    const all = await pods()
    expect(all).toHaveLength(3)
    expect(new Set(all.map((pod) => pod.spec.nodeName)).size).toBe(2)
    expect(await messages('ScalingReplicaSet')).toEqual([
      `Scaled up replica set ${set?.metadata.name} from 0 to 3`,
    ])
    expect(await messages('SuccessfulCreate')).toHaveLength(3)
    expect(await messages('Scheduled')).toContainEqual(
      expect.stringMatching(/^Successfully assigned default\/web-\w+-\w+ to node-[12]$/),
    )
  })

  it('settles: reconciling again writes nothing', async () => {
    await under.plane.client.create(resources.deployments, deployment('web'))
    await complete('web')
    await under.plane.flushEvents()
    const settled = await waitFor(async () => {
      const before = under.plane.store.revision
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
      return under.plane.store.revision === before ? before : undefined
    })
    const calls: string[] = []
    const { transport } = under.plane
    const call = transport.call.bind(transport)
    transport.call = (request) => {
      if (request.verb !== 'get' && request.verb !== 'list')
        calls.push(`${request.verb} ${request.resource.resource}`)
      return call(request)
    }
    const [set] = await sets()
    const [pod] = await pods()
    const touch = { type: 'merge' as const, body: { metadata: { annotations: { touched: 'yes' } } } }
    await under.plane.client.patch(resources.pods, { namespace, name: pod?.metadata.name ?? '' }, touch)
    await under.plane.client.patch(
      resources.replicaSets,
      { namespace, name: set?.metadata.name ?? '' },
      touch,
    )
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(calls).toEqual(['patch pods', 'patch replicasets'])
    expect(under.plane.store.revision).toBe(settled + 2)
  })

  it('never goes below the available minimum nor above the surge while rolling', async () => {
    await under.plane.client.create(
      resources.deployments,
      deployment('web', {
        replicas: 4,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      }),
    )
    await complete('web')
    const counts: { total: number; available: number }[] = []
    const informer = under.plane.informers.informer(resources.pods)
    const watch = informer.addHandler({
      updated: () => {
        const active = informer.store.inNamespace(namespace).filter((pod) => !pod.metadata.deletionTimestamp)
        counts.push({
          total: active.length,
          available: active.filter((pod) => findCondition(pod.status?.conditions, 'Ready')?.status === 'True')
            .length,
        })
      },
    })
    await setImage('web', 'nginx:2')
    await waitFor(async () => (await sets()).length === 2)
    const done = await complete('web')
    watch[Symbol.dispose]()
    expect(Math.min(...counts.map(({ available }) => available))).toBeGreaterThanOrEqual(3)
    expect(Math.max(...counts.map(({ total }) => total))).toBeLessThanOrEqual(5)
    expect(done.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')
    expect((await pods()).every((pod) => pod.spec.containers[0]?.image === 'nginx:2')).toBe(true)
  })

  it('counts on from the revision of a set that it adopts, beyond what a double can hold', async () => {
    const { selector, template } = deployment('web').spec
    const key = 'deployment.kubernetes.io/revision'
    await under.plane.client.create(resources.replicaSets, {
      metadata: {
        name: 'older',
        namespace,
        labels: { app: 'web' },
        annotations: { [key]: '3546343826724305832' },
      },
      spec: {
        replicas: 1,
        selector,
        template: { ...template, spec: { containers: [{ name: 'a', image: 'b' }] } },
      },
    })
    await under.plane.client.create(resources.deployments, deployment('web'))
    const done = await complete('web')
    expect(done.metadata.annotations?.[key]).toBe('3546343826724305833')
  })

  it('undoes by template: the old set becomes the newest revision', async () => {
    await under.plane.client.create(resources.deployments, deployment('web'))
    await complete('web')
    const [first] = await sets()
    await setImage('web', 'nginx:2')
    await waitFor(
      async () => (await get('web')).metadata.annotations?.['deployment.kubernetes.io/revision'] === '2',
    )
    await complete('web')
    await setImage('web', 'nginx:1')
    await waitFor(
      async () => (await get('web')).metadata.annotations?.['deployment.kubernetes.io/revision'] === '3',
    )
    await complete('web')
    const again = (await sets()).find((set) => set.metadata.uid === first?.metadata.uid)
    expect(again?.spec.replicas).toBe(3)
    expect(again?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    })
    expect(await sets()).toHaveLength(2)
  })

  it('recreates: no old pod is left when the first new one starts', async () => {
    await under.plane.client.create(
      resources.deployments,
      deployment('web', { strategy: { type: 'Recreate' } }),
    )
    await complete('web')
    const old = new Set((await pods()).map((pod) => pod.metadata.uid))
    let overlap = false
    const informer = under.plane.informers.informer(resources.pods)
    const watch = informer.addHandler({
      added: (pod) => {
        if (old.has(pod.metadata.uid)) return
        overlap ||= informer.store.list().some((other) => old.has(other.metadata.uid))
      },
    })
    await setImage('web', 'nginx:2')
    await waitFor(async () => (await pods()).filter((pod) => !old.has(pod.metadata.uid)).length === 3)
    await complete('web')
    watch[Symbol.dispose]()
    expect(overlap).toBe(false)
  })

  it('numbers its revision without a new generation', async () => {
    await under.plane.client.create(resources.deployments, deployment('web'))
    const { metadata } = await complete('web')
    expect([metadata.annotations?.['deployment.kubernetes.io/revision'], metadata.generation]).toEqual([
      '1',
      1,
    ])
    await setImage('web', 'nginx:2')
    await waitFor(
      async () => (await get('web')).metadata.annotations?.['deployment.kubernetes.io/revision'] === '2',
    )
    expect((await get('web')).metadata.generation).toBe(2)
  })

  it('does nothing new while paused, and goes on when resumed', async () => {
    await under.plane.client.create(resources.deployments, deployment('web'))
    await complete('web')
    const ref = { namespace, name: 'web' }
    await under.plane.client.patch(resources.deployments, ref, {
      type: 'merge',
      body: { spec: { paused: true } },
    })
    await setImage('web', 'nginx:2')
    const paused = await waitFor(async () => {
      const found = await get('web')
      const isSeen = found.status?.observedGeneration === found.metadata.generation
      return isSeen && findCondition(found.status?.conditions, 'Progressing')?.reason === 'DeploymentPaused'
        ? found
        : undefined
    })
    expect(paused.status?.updatedReplicas ?? 0).toBe(0)
    expect(await sets()).toHaveLength(1)
    await under.plane.client.patch(resources.deployments, ref, {
      type: 'merge',
      body: { spec: { paused: false } },
    })
    await waitFor(async () => (await sets()).length === 2)
    await complete('web')
  })

  it('scales and keeps proportions in the middle of a rollout', async () => {
    await under.plane.client.create(
      resources.deployments,
      deployment('web', {
        replicas: 10,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
      }),
    )
    await complete('web')
    under.isReady = () => false
    await setImage('web', 'nginx:2')
    const sizes = async (): Promise<number[]> =>
      (await sets()).map((set) => set.spec.replicas ?? 0).sort((a, b) => a - b)
    await waitFor(async () => JSON.stringify(await sizes()) === '[5,8]')
    const ref = { namespace, name: 'web' }
    await under.plane.client.patch(resources.deployments, ref, {
      type: 'merge',
      body: { spec: { replicas: 15 } },
    })
    await waitFor(async () => (await sizes()).reduce((a, b) => a + b, 0) === 18)
    expect(await sizes()).toEqual([7, 11])
  })

  it('replaces a deleted pod and says what a quick deadline makes of a stuck rollout', async () => {
    await under.plane.client.create(
      resources.deployments,
      deployment('web', { progressDeadlineSeconds: 1, minReadySeconds: 0 }),
    )
    await complete('web')
    const [victim] = await pods()
    await under.plane.client.delete(resources.pods, { namespace, name: victim?.metadata.name ?? '' })
    await waitFor(async () => {
      const now = await pods()
      return now.length === 3 && now.every((pod) => pod.metadata.uid !== victim?.metadata.uid)
    })
    await complete('web')
    under.isReady = () => false
    await setImage('web', 'nginx:broken')
    const stuck = await waitFor(async () => {
      const condition = findCondition((await get('web')).status?.conditions, 'Progressing')
      return condition?.reason === 'ProgressDeadlineExceeded' ? condition : undefined
    })
    expect(stuck).toMatchObject({
      status: 'False',
      message: expect.stringMatching(/^ReplicaSet "web-.*" has timed out progressing\.$/),
    })
  })

  it('keeps only as many old sets as the history limit says', async () => {
    await under.plane.client.create(
      resources.deployments,
      deployment('web', { replicas: 1, revisionHistoryLimit: 1 }),
    )
    await complete('web')
    for (const version of ['2', '3', '4']) {
      await setImage('web', `nginx:${version}`)
      await waitFor(
        async () =>
          (await get('web')).metadata.annotations?.['deployment.kubernetes.io/revision'] === version,
      )
      await complete('web')
    }
    await waitFor(async () => (await sets()).length === 2)
    const revisions = (await sets()).map(
      (set) => set.metadata.annotations?.['deployment.kubernetes.io/revision'],
    )
    expect(revisions.sort()).toEqual(['3', '4'])
  })

  it('is deleted in the foreground together with its sets and pods', async () => {
    await under.plane.client.create(resources.deployments, deployment('web'))
    await complete('web')
    await under.plane.client.delete(
      resources.deployments,
      { namespace, name: 'web' },
      { propagationPolicy: 'Foreground' },
    )
    await waitFor(async () => (await pods()).length === 0 && (await sets()).length === 0)
    await waitFor(async () => (await under.plane.client.list(resources.deployments)).items.length === 0)
  })
})
