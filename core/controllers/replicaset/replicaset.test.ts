import { describe, expect, it } from 'vitest'
import type { ReplicaSet } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { createReadyNode, startFakeKubelet } from '../../cluster/testing/fake-kubelet.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { namespace, usePlane } from '../testing/use-plane.ts'
import { createReplicaSetController } from './replicaset.ts'

function replicaSet(name: string, spec: Partial<ReplicaSet['spec']> = {}): ReplicaSet {
  return {
    metadata: { name, namespace },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { name: '', labels: { app: name } },
        spec: { containers: [{ name: 'web', image: 'nginx' }] },
      },
      ...spec,
    },
  }
}

describe('replica sets', () => {
  const under = usePlane(({ dependencies }) => [createReplicaSetController(dependencies)], 'none')
  const { pods } = under

  const get = (name: string): Promise<ReplicaSet> =>
    under.plane.client.get(resources.replicaSets, { namespace, name })
  const scale = (name: string, replicas: number): Promise<ReplicaSet> =>
    under.plane.client.patch(
      resources.replicaSets,
      { namespace, name },
      { type: 'merge', body: { spec: { replicas } } },
    )
  const bind = (pod: Pod, node: string): Promise<unknown> =>
    under.plane.client.createSubresource(
      resources.pods,
      { namespace, name: pod.metadata.name, subresource: 'binding' },
      {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: pod.metadata.name },
        target: { kind: 'Node', name: node },
      } as never,
    )

  it('creates what is asked for, exactly, and reports it', async () => {
    await under.plane.client.create(resources.replicaSets, replicaSet('web', { replicas: 20 }))
    const set = await waitFor(async () => {
      const found = await get('web')
      return found.status?.replicas === 20 ? found : undefined
    })
    expect(set.status).toMatchObject({ replicas: 20, fullyLabeledReplicas: 20, observedGeneration: 1 })
    const all = await pods()
    expect(all).toHaveLength(20)
    expect(all[0]?.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web',
        uid: set.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ])
  })

  it('adopts matching orphans and releases pods that match no more', async () => {
    const orphan: Pod = {
      metadata: { name: 'orphan', namespace, labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx' }] },
    }
    await under.plane.client.create(resources.pods, orphan)
    await under.plane.client.create(resources.replicaSets, replicaSet('web', { replicas: 2 }))
    await waitFor(async () => (await get('web')).status?.replicas === 2)
    const all = await pods()
    expect(all).toHaveLength(2)
    expect(all.every((pod) => controllerOf(pod)?.name === 'web')).toBe(true)
    await under.plane.client.patch(
      resources.pods,
      { namespace, name: 'orphan' },
      { type: 'merge', body: { metadata: { labels: { app: 'other' } } } },
    )
    await waitFor(async () => (await pods()).length === 3)
    const released = await waitFor(async () => {
      const found = await under.plane.client.get(resources.pods, { namespace, name: 'orphan' })
      return controllerOf(found) ? undefined : found
    })
    expect(released.metadata.ownerReferences ?? []).toEqual([])
  })

  it('deletes the least valuable pods first when it shrinks', async () => {
    await under.plane.client.create(resources.replicaSets, replicaSet('web', { replicas: 4 }))
    await waitFor(async () => (await pods()).length === 4)
    await createReadyNode(under.plane, 'node-1')
    const [kept, ...others] = await pods()
    if (!kept) throw new Error('no pod')
    await bind(kept, 'node-1')
    await waitFor(async () => (await get('web')).status?.replicas === 4)
    await scale('web', 1)
    await waitFor(async () => (await pods()).length === 1)
    expect((await pods()).map((pod) => pod.metadata.name)).toEqual([kept.metadata.name])
    expect(others).toHaveLength(3)
  })

  it('honours the deletion cost annotation', async () => {
    await under.plane.client.create(resources.replicaSets, replicaSet('web', { replicas: 3 }))
    await waitFor(async () => (await pods()).length === 3)
    const [, cheap] = await pods()
    const name = cheap?.metadata.name ?? ''
    await under.plane.client.patch(
      resources.pods,
      { namespace, name },
      {
        type: 'merge',
        body: { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-10' } } },
      },
    )
    await waitFor(
      () =>
        under.plane.informers.informer(resources.pods).store.get(`${namespace}/${name}`)?.metadata
          .annotations,
    )
    await scale('web', 2)
    await waitFor(async () => (await pods()).length === 2)
    expect((await pods()).map((pod) => pod.metadata.name)).not.toContain(name)
  })

  it('counts pods as available only after minReadySeconds', async () => {
    using _kubelet = startFakeKubelet(under.plane)
    await createReadyNode(under.plane, 'node-1')
    await under.plane.client.create(
      resources.replicaSets,
      replicaSet('web', { replicas: 1, minReadySeconds: 10 }),
    )
    await waitFor(async () => (await pods()).length === 1)
    for (const pod of await pods()) await bind(pod, 'node-1')
    const ready = await waitFor(async () => {
      const found = await get('web')
      return found.status?.readyReplicas === 1 ? found : undefined
    })
    expect(ready.status?.availableReplicas ?? 0).toBe(0)
    await under.clock.advance(11_000)
    await waitFor(async () => (await get('web')).status?.availableReplicas === 1)
  })

  it('tells a failure once: another message each time would make it try again at once, for ever', async () => {
    const bad = replicaSet('web', { replicas: 1 })
    bad.spec.template!.spec!.serviceAccountName = 'missing'
    await under.plane.client.create(resources.replicaSets, bad)
    const failed = await waitFor(async () => {
      const found = await get('web')
      return found.status?.conditions?.length ? found : undefined
    })
    const conditions = [{ ...failed.status!.conditions![0]!, message: 'of another pod' }]
    await under.plane.client.updateStatus(resources.replicaSets, {
      ...failed,
      status: { ...failed.status!, conditions },
    })
    const { metadata } = await scale('web', 2)
    await waitFor(async () => {
      await under.clock.advance(1_000)
      return (await get('web')).status?.observedGeneration === metadata.generation
    })
    expect((await get('web')).status?.conditions).toEqual(conditions)
  })

  it('says why it cannot create, goes on when it can, and the condition goes', async () => {
    const bad = replicaSet('web', { replicas: 1 })
    bad.spec.template = {
      ...bad.spec.template,
      spec: { containers: [{ name: 'web', image: 'nginx' }], serviceAccountName: 'missing' },
    }
    await under.plane.client.create(resources.replicaSets, bad)
    const failed = await waitFor(async () => {
      const found = await get('web')
      return found.status?.conditions?.length ? found : undefined
    })
    expect(failed.status?.conditions).toMatchObject([
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: expect.stringContaining('"missing" not found'),
      },
    ])
    await under.plane.flushEvents()
    const events = await under.plane.client.list(resources.events, { namespace })
    expect(events.items.map((event) => event.reason)).toContain('FailedCreate')
    await under.plane.client.create(resources.serviceAccounts, { metadata: { name: 'missing', namespace } })
    await waitFor(async () => {
      await under.clock.advance(1_000)
      return (await pods()).length === 1
    })
    await waitFor(async () => !(await get('web')).status?.conditions?.length)
  })
})
