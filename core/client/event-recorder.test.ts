import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Event } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../cluster/testing/test-control-plane.ts'
import { waitFor } from '../cluster/testing/wait-for.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { silentLogger } from '../util/logger.ts'
import type { Client } from './client.ts'
import { createEventRecorder, type EventRecorder } from './event-recorder.ts'

const involved = { kind: 'Pod', apiVersion: 'v1', namespace: 'default', name: 'web', uid: 'u1' }

describe('the event recorder', () => {
  let clock: FakeClock
  let plane: TestControlPlane
  let recorder: EventRecorder

  beforeEach(async () => {
    clock = new FakeClock()
    plane = createTestControlPlane({ clock })
    await plane.client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
    recorder = createEventRecorder({
      client: plane.client,
      component: 'kubelet',
      host: 'node-1',
      clock,
      log: silentLogger,
    })
  })
  afterEach(async () => {
    recorder[Symbol.dispose]()
    await plane.close()
  })
  const events = async (): Promise<Event[]> => {
    await recorder.flush()
    return (await plane.client.list(resources.events, { namespace: 'default' })).items
  }

  it('writes upstream’s form', async () => {
    recorder.record(
      { ...involved, fieldPath: 'spec.containers{app}' },
      { type: 'Normal', reason: 'Pulled', message: 'done' },
    )
    expect(await events()).toMatchObject([
      {
        metadata: { name: `web.${(BigInt(clock.now()) * 1_000_000n).toString(16)}`, namespace: 'default' },
        involvedObject: { name: 'web', fieldPath: 'spec.containers{app}' },
        reason: 'Pulled',
        message: 'done',
        source: { component: 'kubelet', host: 'node-1' },
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
        count: 1,
        type: 'Normal',
        reportingComponent: 'kubelet',
        reportingInstance: 'node-1',
      },
    ])
  })

  it('counts repetitions on the same object', async () => {
    for (let i = 0; i < 3; i++) {
      recorder.record(involved, { type: 'Warning', reason: 'BackOff', message: 'again' })
      await clock.advance(10_000)
    }
    expect(await events()).toMatchObject([
      { count: 3, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:20Z' },
    ])
  })

  it('begins a new event when the counted one was deleted', async () => {
    recorder.record(involved, { type: 'Normal', reason: 'A', message: 'a' })
    const [first] = await events()
    await plane.client.delete(resources.events, { namespace: 'default', name: first?.metadata.name ?? '' })
    recorder.record(involved, { type: 'Normal', reason: 'A', message: 'a' })
    expect(await events()).toHaveLength(1)
  })

  it('combines many different messages of one reason, and stops spam', async () => {
    for (let i = 0; i < 40; i++) recorder.record(involved, { type: 'Normal', reason: 'A', message: `m${i}` })
    const written = await events()
    expect(written).toHaveLength(11)
    const combined = written.find((event) => event.message?.startsWith('(combined from similar events): '))
    expect(combined?.count).toBe(15)
  })

  it('writes about one object in order, and about others meanwhile', async () => {
    const held = Promise.withResolvers<void>()
    const log: string[] = []
    const client: Client = {
      ...plane.client,
      async create(resource, object, options) {
        const { message = '' } = object as unknown as Event
        log.push(message)
        if (message === 'first') await held.promise
        return plane.client.create(resource, object, options)
      },
    }
    using other = createEventRecorder({ client, component: 'c', clock, log: silentLogger })
    other.record(involved, { type: 'Normal', reason: 'A', message: 'first' })
    other.record(involved, { type: 'Normal', reason: 'B', message: 'second' })
    other.record(
      { ...involved, name: 'db', uid: 'u2' },
      { type: 'Normal', reason: 'A', message: 'elsewhere' },
    )
    await waitFor(() => log.includes('elsewhere'))
    expect(log).toEqual(['first', 'elsewhere'])
    held.resolve()
    await other.flush()
    expect(log).toEqual(['first', 'elsewhere', 'second'])
  })

  it('loses none to another component that reports on the object at the same instant', async () => {
    using other = createEventRecorder({ client: plane.client, component: 'b', clock, log: silentLogger })
    recorder.record(involved, { type: 'Normal', reason: 'A', message: 'a' })
    other.record(involved, { type: 'Normal', reason: 'B', message: 'b' })
    await other.flush()
    expect((await events()).map(({ reason }) => reason).sort()).toEqual(['A', 'B'])
  })

  it('drops what is more than a thousand', async () => {
    const held = Promise.withResolvers<void>()
    const client: Client = {
      ...plane.client,
      async create(resource, object, options) {
        await held.promise
        return plane.client.create(resource, object, options)
      },
    }
    using other = createEventRecorder({ client, component: 'c', clock, log: silentLogger })
    for (let at = 0; at < 1200; at++) {
      other.record(
        { ...involved, name: `p${at}`, uid: `p${at}` },
        { type: 'Normal', reason: 'A', message: 'a' },
      )
    }
    held.resolve()
    await other.flush()
    // A thousand that wait, and those being written.
    expect((await events()).length).toBeLessThan(1050)
  })
})
