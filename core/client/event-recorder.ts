import type { Event, ObjectReference } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import { isAlreadyExists, isNotFound, StatusError } from '../api/status.ts'
import { rfc3339, type Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { Client } from './client.ts'
import { createEventNames, type EventReport, type EventText } from './event-report.ts'
import { createEventSeries } from './event-series.ts'
import { createEventCorrelator, type Correlation, type EventCorrelator } from './event-correlator.ts'
import { sleep } from './sleep.ts'

/** Writes Events. `record` never blocks and never fails its caller. */
export interface EventRecorder extends Disposable {
  /** About an object, or a part of it by `involved.fieldPath`. */
  record(involved: ObjectReference, event: EventText): void
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>
}

export interface EventRecorderOptions {
  client: Client
  /** e.g. `replicaset-controller`, `kubelet`. */
  component: string
  /** The node, for node agents. */
  host?: string
  /** Whether they are events of events.k8s.io, as the scheduler's, of which repetitions become series. */
  asSeries?: boolean
  /** Shared by sources that never report on the same object, such as the kubelets of one process. Default: its own. */
  correlator?: EventCorrelator
  clock: Clock
  log: Logger
}

const maxQueued = 1000
/** Events written at once, each about another object. */
const writers = 4
/** With more than this many waiting one writer goes on alone: in a burst the server has better to do. */
const burst = 100
const maxTries = 12
const retryMs = 10_000

/**
 * A recorder with upstream's form of Events (client-go tools/record): name `<object>.<hex nanoseconds>`, repetitions
 * counted on the same object, similar events combined, at most 25 at once and one more each 5 minutes per object.
 * Events about one object are written in order, those of several objects at once; a server that cannot be reached is tried
 * again for two minutes. More than 1000 that wait are dropped, as upstream.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, component, host, clock, log } = options
  const correlator = options.correlator ?? createEventCorrelator()
  const series = options.asSeries ? createEventSeries({ client, component, clock }) : undefined
  const stop = new AbortController()
  /** By object, what waits about it; an object that is written about just now has an entry too, though it may be empty. */
  const lanes = new Map<string, EventReport[]>()
  /** Objects that somebody may write about, the longest waiting first. */
  const ready: string[] = []
  let queued = 0
  const newName = createEventNames()
  const writing = new Set<Promise<void>>()
  /** Since the queue was last full; a line for each would cost more than the events. */
  let dropped = 0

  function eventObject(report: EventReport, message: string): Event {
    const { involved, event, at } = report
    const now = rfc3339(at)
    const namespace = involved.namespace ?? 'default'
    return {
      metadata: { name: newName(involved, at), namespace },
      involvedObject: involved,
      reason: event.reason,
      message,
      source: host === undefined ? { component } : { component, host },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type: event.type,
      reportingComponent: component,
      reportingInstance: host ?? '',
    }
  }

  /** Another component may have taken the name in the same nanosecond. */
  async function createUnderNewName(report: EventReport, message: string): Promise<Event> {
    for (;;) {
      try {
        return await client.create(resources.events, eventObject(report, message))
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
    }
  }

  async function createEvent(
    report: EventReport,
    { key, message }: { key: string; message: string },
  ): Promise<void> {
    const stored = await createUnderNewName(report, message)
    correlator.remember(key, {
      name: stored.metadata.name,
      count: 1,
      firstTimestamp: stored.firstTimestamp ?? rfc3339(report.at),
    })
  }

  async function write(
    report: EventReport,
    outcome: Exclude<Correlation, { action: 'drop' }>,
  ): Promise<void> {
    if (outcome.action === 'create') return createEvent(report, outcome)
    const { name, count, message } = outcome
    const body = { count, lastTimestamp: rfc3339(report.at), message }
    const namespace = report.involved.namespace ?? 'default'
    try {
      await client.patch(resources.events, { namespace, name }, { type: 'strategic', body })
    } catch (error) {
      if (!isNotFound(error)) throw error
      correlator.forget(outcome.key)
      await createEvent(report, outcome)
    }
  }

  /** How it is to be written; undefined where it is not. */
  function planOf(report: EventReport): (() => Promise<void>) | undefined {
    if (series) return series.plan(report)
    const { type, reason, message } = report.event
    const outcome = correlator.correlate({ involved: report.involved, type, reason, message }, report.at)
    return outcome.action === 'drop' ? undefined : () => write(report, outcome)
  }

  async function deliver(report: EventReport): Promise<void> {
    const send = planOf(report)
    if (!send) return
    for (let tries = 1; !stop.signal.aborted; tries++) {
      try {
        await send()
        return
      } catch (error) {
        // What the server refuses (a namespace being deleted, say) would be refused again.
        const refused = error instanceof StatusError && error.code < 500 && error.code !== 429
        if (refused || tries === maxTries) {
          log.debug('event not written', { reason: report.event.reason, error })
          return
        }
        await sleep(clock, retryMs, stop.signal)
      }
    }
  }

  async function drain(): Promise<void> {
    for (let key = ready.shift(); key !== undefined && !stop.signal.aborted; key = ready.shift()) {
      const lane = lanes.get(key)
      const report = lane?.shift()
      if (lane === undefined || report === undefined) continue
      queued -= 1
      await deliver(report)
      if (lane.length === 0) lanes.delete(key)
      else ready.push(key)
      if (queued > burst && writing.size > 1) return
    }
  }

  function startWriter(): void {
    if (writing.size >= writers || (writing.size > 0 && queued > burst)) return
    const done = drain().finally(() => {
      writing.delete(done)
      if (writing.size > 0 || dropped === 0) return
      log.warn('events were dropped, too many waited to be written', { dropped })
      dropped = 0
    })
    writing.add(done)
  }

  return {
    record(involved, event) {
      if (stop.signal.aborted) return
      if (queued >= maxQueued) {
        if (++dropped === 1) log.warn('too many events wait to be written', { reason: event.reason })
        return
      }
      queued += 1
      const key = `${involved.kind}/${involved.namespace}/${involved.name}/${involved.uid}`
      const report = { involved, event, at: clock.now() }
      const lane = lanes.get(key)
      if (lane) {
        lane.push(report)
        return
      }
      lanes.set(key, [report])
      ready.push(key)
      startWriter()
    },
    async flush() {
      while (writing.size > 0) await Promise.all(writing)
    },
    [Symbol.dispose]() {
      stop.abort()
      series?.[Symbol.dispose]()
      lanes.clear()
      ready.length = 0
      queued = 0
    },
  }
}
