import { hostname } from 'node:os'
import type { Event } from '../api/generated/events-v1.ts'
import type { Resource } from '../api/gvk.ts'
import { isAlreadyExists, isNotFound } from '../api/status.ts'
import { rfc3339Micro, type Clock } from '../util/clock.ts'
import type { Client } from './client.ts'
import { createEventNames, type EventReport } from './event-report.ts'

const events: Resource<Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  resource: 'events',
  kind: 'Event',
  namespaced: true,
}

const minute = 60_000
/** After how long without another a series is over. */
const finishMs = 6 * minute
/** How often the count of a series that goes on is written. */
const refreshMs = 30 * minute
/** How many events are remembered, so that a burst does not take memory for all of its six minutes. */
const maxKnown = 4_096
const maxNote = 1024
const more = ' ...'

interface Known {
  event: Event
  /** When it was seen first, then last. */
  at: number
  series?: { count: number; lastObservedTime: string }
}

export interface EventSeriesOptions {
  client: Client
  component: string
  clock: Clock
}

/** Writes events, of which those that repeat become series. */
export interface EventSeries extends Disposable {
  /** How the report is to be written, be it tried several times; undefined where it only counts. */
  plan(report: EventReport): (() => Promise<void>) | undefined
}

/**
 * Events in the form of events.k8s.io (upstream: client-go tools/events): what is reported again of the same reason, whatever its words,
 * is a series; its second time is written at once, the others when it is over or half an hour has passed.
 */
export function createEventSeries({ client, component, clock }: EventSeriesOptions): EventSeries {
  const known = new Map<string, Known>()
  const reportingInstance = `${component}-${hostname()}`
  const newName = createEventNames()

  function eventOf({ involved, event, at }: EventReport): Event {
    const { type, reason, message, action = '', related } = event
    return {
      metadata: { name: newName(involved, at), namespace: involved.namespace ?? 'default' },
      eventTime: rfc3339Micro(at),
      reportingController: component,
      reportingInstance,
      action,
      reason,
      regarding: involved,
      ...(related && { related }),
      note: message.length > maxNote ? message.slice(0, maxNote - more.length) + more : message,
      type,
    }
  }

  async function create(one: Known): Promise<void> {
    for (;;) {
      try {
        await client.create(events, one.event)
        return
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
        one.event.metadata.name = newName(one.event.regarding ?? {}, one.at)
      }
    }
  }

  async function writeSeries(one: Known): Promise<void> {
    const { name, namespace = 'default' } = one.event.metadata
    try {
      await client.patch(events, { namespace, name }, { type: 'strategic', body: { series: one.series } })
    } catch (error) {
      if (!isNotFound(error)) throw error
      one.event = { ...one.event, ...(one.series && { series: { ...one.series } }) }
      await create(one)
    }
  }

  /** What cannot be written is written the next time, if there is one. */
  function writeAll(which: (one: Known) => boolean): void {
    for (const one of known.values()) if (one.series && which(one)) writeSeries(one).catch(() => undefined)
  }

  function finish(): void {
    const before = clock.now() - finishMs
    writeAll(({ at }) => at < before)
    for (const [key, { at }] of known) if (at < before) known.delete(key)
  }

  const timers = [clock.every(refreshMs, () => writeAll(() => true)), clock.every(finishMs, finish)]

  return {
    plan(report) {
      const { involved, event, at } = report
      const key = JSON.stringify([event.type, event.action, event.reason, involved, event.related])
      const one = known.get(key)
      if (!one) {
        const first: Known = { event: eventOf(report), at }
        if (known.size >= maxKnown) known.delete(known.keys().next().value!)
        known.set(key, first)
        return () => create(first)
      }
      one.at = at
      const lastObservedTime = rfc3339Micro(at)
      if (one.series) {
        one.series = { count: one.series.count + 1, lastObservedTime }
        return undefined
      }
      one.series = { count: 2, lastObservedTime }
      return () => writeSeries(one)
    },
    [Symbol.dispose]() {
      for (const timer of timers) timer[Symbol.dispose]()
      known.clear()
    },
  }
}
