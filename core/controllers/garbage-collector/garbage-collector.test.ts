import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigMap } from '../../api/generated/core-v1.ts'
import type { OwnerReference } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { createGarbageCollector, type GarbageCollector } from './garbage-collector.ts'

const namespace = 'default'

describe('the garbage collector', () => {
  let plane: TestControlPlane
  let collector: GarbageCollector
  let isServed: (kind: string) => boolean

  beforeEach(async () => {
    plane = createTestControlPlane()
    for (const name of [namespace, 'other']) {
      await plane.client.create(resources.namespaces, { metadata: { name }, spec: {} })
    }
    isServed = () => true
    collector = createGarbageCollector({
      ...plane.dependencies,
      resources: () => plane.resources().filter(({ kind }) => isServed(kind)),
    })
  })
  afterEach(async () => {
    await collector.stop()
    await plane.close()
  })

  const create = (
    name: string,
    owners: OwnerReference[] = [],
    extra: { namespace?: string; finalizers?: string[] } = {},
  ): Promise<ConfigMap> =>
    plane.client.create(resources.configMaps, {
      metadata: { name, namespace, ownerReferences: owners, ...extra },
      data: {},
    })
  const reference = (owner: ConfigMap, block = false): OwnerReference => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    ...(block ? { blockOwnerDeletion: true } : {}),
  })
  const absent: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: 'never-was' }
  const names = async (): Promise<string[]> =>
    (await plane.client.list(resources.configMaps)).items.map((object) => object.metadata.name).sort()
  const remove = (name: string, propagationPolicy: 'Background' | 'Foreground' | 'Orphan'): Promise<void> =>
    plane.client.delete(resources.configMaps, { namespace, name }, { propagationPolicy })

  it('deletes the whole tree below a deleted owner in the background', async () => {
    await collector.start()
    const root = await create('root')
    const child = await create('child', [reference(root)])
    await create('grandchild', [reference(child)])
    await create('bystander')
    await remove('root', 'Background')
    await waitFor(async () => (await names()).length === 1)
    expect(await names()).toEqual(['bystander'])
  })

  it('collects what lost its owner while it was not running', async () => {
    const root = await create('root')
    await create('child', [reference(root)])
    await create('never-owned', [absent])
    await remove('root', 'Background')
    await create('bystander')
    await collector.start()
    await waitFor(async () => (await names()).join() === 'bystander')
  })

  it('keeps an object while one owner lives, and drops the dead reference', async () => {
    await collector.start()
    const a = await create('a')
    const b = await create('b')
    await create('child', [reference(a), reference(b)])
    await remove('a', 'Background')
    const child = await waitFor(async () => {
      const found = await plane.client.get(resources.configMaps, { namespace, name: 'child' })
      return found.metadata.ownerReferences?.length === 1 ? found : undefined
    })
    expect(child.metadata.ownerReferences?.[0]?.name).toBe('b')
  })

  it('deletes in the foreground: the owner waits for those that block it', async () => {
    await collector.start()
    const root = await create('root')
    const child = await create('child', [reference(root, true)], { finalizers: ['test/hold'] })
    await create('free', [reference(root)])
    await remove('root', 'Foreground')
    await waitFor(async () => (await names()).join() === 'child,root')
    const waiting = await plane.client.get(resources.configMaps, { namespace, name: 'root' })
    expect(waiting.metadata.finalizers).toEqual(['foregroundDeletion'])
    await plane.client.patch(
      resources.configMaps,
      { namespace, name: child.metadata.name },
      { type: 'merge', body: { metadata: { finalizers: null } } },
    )
    await waitFor(async () => (await names()).length === 0)
  })

  it('orphans dependents when asked to', async () => {
    await collector.start()
    const root = await create('root')
    await create('child', [reference(root)])
    await waitFor(() => plane.informers.informer(resources.configMaps).store.get(`${namespace}/child`))
    await remove('root', 'Orphan')
    await waitFor(async () => (await names()).join() === 'child')
    const child = await plane.client.get(resources.configMaps, { namespace, name: 'child' })
    expect(child.metadata.ownerReferences ?? []).toEqual([])
  })

  it('does not take an owner of another namespace for one', async () => {
    await collector.start()
    const far = await create('far', [], { namespace: 'other' })
    await create('child', [reference(far)])
    await waitFor(async () => (await names()).join() === 'far')
    await plane.flushEvents()
    const events = await plane.client.list(resources.events, { namespace })
    expect(events.items.map((event) => event.reason)).toContain('OwnerRefInvalidNamespace')
  })

  it('resolves a circle of owners that wait for each other', async () => {
    await collector.start()
    const a = await create('a')
    const b = await create('b', [reference(a, true)])
    await plane.client.update(resources.configMaps, {
      ...a,
      metadata: { ...a.metadata, ownerReferences: [reference(b, true)] },
    })
    await waitFor(
      () =>
        plane.informers.informer(resources.configMaps).store.get(`${namespace}/a`)?.metadata.ownerReferences,
    )
    await remove('a', 'Foreground')
    await waitFor(async () => (await names()).length === 0)
  })

  it('judges what belongs to a kind that is not served only when it is', async () => {
    isServed = (kind) => kind !== 'Secret'
    const { metadata } = await plane.client.create(resources.secrets, {
      metadata: { name: 's', namespace },
      data: {},
    })
    await collector.start()
    const secret = { apiVersion: 'v1', kind: 'Secret', name: 's', uid: metadata.uid ?? '' }
    await create('child', [secret])
    // Judged, as the other owner is gone; yet nothing of it may change.
    await create('judged', [absent, secret])
    await create('doomed', [absent])
    await waitFor(async () => (await names()).join() === 'child,judged')
    const judged = (): Promise<ConfigMap> =>
      plane.client.get(resources.configMaps, { namespace, name: 'judged' })
    expect((await judged()).metadata.ownerReferences).toEqual([absent, secret])
    isServed = () => true
    collector.syncResources()
    await waitFor(async () => (await judged()).metadata.ownerReferences?.length === 1)
    expect((await judged()).metadata.ownerReferences).toEqual([secret])
  })

  it('leaves alone what has no namespace and an owner that has one', async () => {
    await collector.start()
    const owner = await create('owner')
    const owners = [reference(owner), { ...absent, kind: 'Namespace' }]
    await plane.client.create(resources.namespaces, {
      metadata: { name: 'odd', ownerReferences: owners },
      spec: {},
    })
    await create('doomed', [absent])
    await waitFor(async () => (await names()).join() === 'owner')
    const odd = await plane.client.get(resources.namespaces, { name: 'odd' })
    expect(odd.metadata.ownerReferences).toEqual(owners)
  })

  it('orphans the dependents of what it deletes when that says so', async () => {
    await collector.start()
    const root = await create('root')
    const child = await create('child', [reference(root)], { finalizers: ['orphan'] })
    await create('grandchild', [reference(child)])
    const { store } = plane.informers.informer(resources.configMaps)
    await waitFor(() => store.get(`${namespace}/grandchild`))
    await remove('root', 'Background')
    await waitFor(async () => !(await names()).includes('child'))
    const left = await plane.client.get(resources.configMaps, { namespace, name: 'grandchild' })
    expect(left.metadata.ownerReferences ?? []).toEqual([])
  })
})
