import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigMap } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import { expired, serviceUnavailable } from '../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../cluster/testing/test-control-plane.ts'
import { waitFor } from '../cluster/testing/wait-for.ts'
import { systemClock, type Clock } from '../util/clock.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { silentLogger } from '../util/logger.ts'
import { createClient } from './client.ts'
import { createInformer, type Informer } from './informer.ts'
import type { Transport } from './transport.ts'

const namespace = 'default'

describe('informers', () => {
  let plane: TestControlPlane
  let informer: Informer<ConfigMap> | undefined

  beforeEach(async () => {
    plane = createTestControlPlane()
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
  })
  afterEach(async () => {
    informer?.[Symbol.dispose]()
    await plane.close()
  })

  const create = (name: string, labels = {}): Promise<ConfigMap> =>
    plane.client.create(resources.configMaps, { metadata: { name, namespace, labels }, data: {} })
  const quick: Clock = { ...systemClock, after: (ms, task) => systemClock.after(Math.min(ms, 1), task) }

  /** The plane's transport, whose watches can be cut and made to fail. */
  function breakable(): {
    transport: Transport
    cut: () => void
    failWith: (error: Error | undefined) => void
  } {
    let failure: Error | undefined
    let current: AbortController | undefined
    const failNow = (): void => {
      if (failure instanceof Error) throw failure
    }
    return {
      cut: () => current?.abort(),
      failWith: (error) => {
        failure = error
      },
      transport: {
        call: (call) => plane.transport.call(call),
        async watch(call, onEvents) {
          failNow()
          current = new AbortController()
          const signal = AbortSignal.any([call.signal, current.signal])
          await plane.transport.watch({ ...call, signal }, onEvents)
          failNow()
        },
      },
    }
  }

  it('tells what is there, then every change, with the state before', async () => {
    await create('a')
    informer = plane.informers.informer(resources.configMaps)
    const told: string[] = []
    informer.addHandler({
      added: (object) => told.push(`+${object.metadata.name}`),
      updated: (object, previous) => told.push(`~${previous.data?.x ?? ''}>${object.data?.x ?? ''}`),
      deleted: (object, isKnown) => told.push(`-${object.metadata.name} ${isKnown}`),
    })
    await informer.whenSynced()
    const b = await create('b')
    await plane.client.update(resources.configMaps, { ...b, data: { x: '1' } })
    await plane.client.delete(resources.configMaps, { namespace, name: 'a' })
    await waitFor(() => told.length === 4)
    expect(told).toEqual(['+a', '+b', '~>1', '-a true'])
    const late: string[] = []
    informer.addHandler({ added: (object) => late.push(object.metadata.name) })
    expect(late).toEqual(['b'])
  })

  it('indexes by namespace, owner and own functions, and follows changes', async () => {
    informer = plane.informers.informer(resources.configMaps)
    informer.addIndex('tier', (object) => [object.metadata.labels?.tier ?? ''])
    await informer.whenSynced()
    const { store } = informer
    const a = await create('a', { tier: 'web' })
    await waitFor(() => store.byIndex('tier', 'web').length === 1)
    await plane.client.update(resources.configMaps, {
      ...a,
      metadata: {
        ...a.metadata,
        labels: { tier: 'db' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u1' }],
      },
    })
    await waitFor(() => store.byIndex('tier', 'db').length === 1)
    expect(store.byIndex('tier', 'web')).toEqual([])
    expect(store.ownedBy('u1').map((object) => object.metadata.name)).toEqual(['a'])
    expect(store.inNamespace(namespace)).toHaveLength(1)
  })

  it('catches up after a gap whose history is gone, and tells the deletions it missed', async () => {
    await create('a')
    await create('b')
    const { transport, cut, failWith } = breakable()
    informer = createInformer({
      client: createClient(transport),
      resource: resources.configMaps,
      clock: quick,
      log: silentLogger,
    })
    const told: string[] = []
    informer.addHandler({
      added: (object) => told.push(`+${object.metadata.name}`),
      deleted: (object, isKnown) => told.push(`-${object.metadata.name} ${isKnown}`),
    })
    informer.start()
    await informer.whenSynced()
    failWith(serviceUnavailable('down'))
    cut()
    await plane.client.delete(resources.configMaps, { namespace, name: 'a' })
    const old = await plane.client.get(resources.configMaps, { namespace, name: 'b' })
    await plane.client.delete(resources.configMaps, { namespace, name: 'b' })
    const again = await create('b')
    expect(again.metadata.uid).not.toBe(old.metadata.uid)
    await create('c')
    failWith(expired())
    await new Promise((resolve) => setImmediate(resolve))
    failWith(undefined)
    await plane.store.compact(plane.store.revision)
    await waitFor(() => told.includes('+c'))
    expect(told.slice(0, 2)).toEqual(['+a', '+b'])
    expect(told.slice(2).sort()).toEqual(['+b', '+c', '-a false', '-b false'].sort())
  })

  it('waits before it lists again for a watch that expires at once', async () => {
    const clock = new FakeClock()
    let lists = 0
    const client = createClient({
      call: (call) => {
        lists += 1
        // Stops a loop that never yields, so that the count below can be looked at.
        return lists > 20 ? new Promise<never>(() => undefined) : plane.transport.call(call)
      },
      watch: () => Promise.reject(expired()),
    })
    const random = (): number => 0
    informer = createInformer({ client, resource: resources.configMaps, clock, log: silentLogger, random })
    informer.start()
    await informer.whenSynced()
    await waitFor(() => clock.pending > 0 || lists > 20)
    expect(lists).toBe(1)
    // So long that it is tried once more, and not so long that it is tried again after that.
    await clock.advance(800)
    await waitFor(() => lists === 2)
  })

  it('resumes a watch that ended without listing again', async () => {
    const { transport, cut } = breakable()
    let lists = 0
    const counting: Transport = {
      call: (call) => {
        if (call.verb === 'list') lists += 1
        return transport.call(call)
      },
      watch: (call, onEvents) => transport.watch(call, onEvents),
    }
    informer = createInformer({
      client: createClient(counting),
      resource: resources.configMaps,
      clock: quick,
      log: silentLogger,
    })
    informer.start()
    await informer.whenSynced()
    await create('a')
    await waitFor(() => informer?.store.size === 1)
    cut()
    await create('b')
    await waitFor(() => informer?.store.size === 2)
    expect(lists).toBe(1)
  })

  it('keeps trying while the server is away at the start', async () => {
    let tries = 0
    const client = createClient({
      call: (call) =>
        ++tries < 4 ? Promise.reject(serviceUnavailable('not yet')) : plane.transport.call(call),
      watch: (call, onEvents) => plane.transport.watch(call, onEvents),
    })
    informer = createInformer({ client, resource: resources.configMaps, clock: quick, log: silentLogger })
    informer.start()
    await informer.whenSynced()
    expect(tries).toBe(4)
  })
})
