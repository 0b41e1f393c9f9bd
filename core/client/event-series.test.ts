import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Event } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../cluster/testing/test-control-plane.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { silentLogger } from '../util/logger.ts'
import { createEventRecorder, type EventRecorder } from './event-recorder.ts'

let plane: TestControlPlane
let clock: FakeClock
let recorder: EventRecorder

beforeEach(async () => {
  clock = new FakeClock()
  plane = createTestControlPlane({ clock })
  await plane.client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  recorder = createEventRecorder({
    client: plane.client,
    component: 'default-scheduler',
    asSeries: true,
    clock,
    log: silentLogger,
  })
})
afterEach(async () => {
  recorder[Symbol.dispose]()
  await plane.close()
})

const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'p', uid: 'u' }

async function report(message: string, related?: object): Promise<Event[]> {
  const event = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message } as const
  recorder.record(pod, related ? { ...event, related } : event)
  return written()
}

async function written(): Promise<Event[]> {
  await recorder.flush()
  return (await plane.client.list(resources.events)).items
}

it('events have the form of events.k8s.io', async () => {
  const [event, ...others] = await report('no node')
  expect(others).toEqual([])
  expect(event).toMatchObject({
    involvedObject: pod,
    reason: 'FailedScheduling',
    action: 'Scheduling',
    message: 'no node',
    type: 'Warning',
    reportingComponent: 'default-scheduler',
    reportingInstance: expect.stringMatching(/^default-scheduler-./),
    eventTime: expect.stringMatching(/\.\d{6}Z$/),
    source: {},
  })
  expect([event?.count, event?.firstTimestamp, event?.lastTimestamp, event?.series]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

it('what is reported again becomes a series, whatever its words; its count is written when it is over', async () => {
  await report('one')
  await clock.advance(1000)
  expect((await report('two')).map(({ message, series }) => [message, series?.count])).toEqual([['one', 2]])
  await report('three')
  expect((await report('four')).map(({ series }) => series?.count)).toEqual([2])
  await clock.advance(13 * 60_000)
  await expect.poll(async () => (await written()).map(({ series }) => series?.count)).toEqual([4])
  expect((await report('later')).map(({ message }) => message).sort()).toEqual(['later', 'one'])
})

it('a series of a deleted event begins anew', async () => {
  const [event] = await report('one')
  await plane.client.delete(resources.events, { namespace: 'default', name: event!.metadata.name })
  expect((await report('two')).map(({ series }) => series?.count)).toEqual([2])
})

it('long words are cut, and another object may be told of', async () => {
  const node = { apiVersion: 'v1', kind: 'Node', name: 'n' }
  const [event] = await report('x'.repeat(2000), node)
  expect([event?.message?.length, event?.message?.slice(-5), event?.related]).toEqual([1024, 'x ...', node])
})
