import type { Clock } from '../../util/clock.ts'
import { ClientGoneError, type Exchange } from '../exchange.ts'
import type { Flow, FlowController } from '../flow-control/flow-controller.ts'
import type { FlowRequest } from '../flow-control/queue-set.ts'
import { estimateWork, type WorkFacts } from '../flow-control/work-estimate.ts'
import type { WatchTracker } from '../flow-control/watch-tracker.ts'
import type { BoundHistogram, Gauge } from '../../util/metrics/metric-registry.ts'
import { isLongRunning } from '../request-info.ts'
import { respond } from '../responses/respond.ts'
import type { Filter, Handler } from './filter.ts'

const readVerbs = new Set(['get', 'list', 'watch', 'head'])
/** A quarter of the time a request may take in all (upstream: getRequestWaitContext). */
const waitLimitMs = 15_000

export interface FlowControlOptions {
  flowController: FlowController
  statsOf: WorkFacts['statsOf']
  watches: WatchTracker
}

/**
 * Lets requests through as their priority level has seats, queues them fairly or refuses them with 429 (upstream:
 * pkg/server/filters/priority-and-fairness.go). A watch counts until its answer begins; other long-running requests do
 * not. Clients inside the process do not come this way: they are exempt.
 */
export function priorityAndFairnessFilter(
  options: FlowControlOptions & { inFlight: Gauge; inQueue: Gauge; time: BoundHistogram; clock: Clock },
): Filter {
  const { flowController, watches, clock } = options
  const facts: WorkFacts = {
    statsOf: options.statsOf,
    watchesOf: (info) => watches.interestedIn(info),
  }
  const inFlight = {
    readOnly: options.inFlight.bind({ request_kind: 'readOnly' }),
    mutating: options.inFlight.bind({ request_kind: 'mutating' }),
  }
  const inQueue = {
    readOnly: options.inQueue.bind({ request_kind: 'readOnly' }),
    mutating: options.inQueue.bind({ request_kind: 'mutating' }),
  }

  return async (exchange, next) => {
    const { info } = exchange
    const isWatch = info.isResourceRequest && info.verb === 'watch'
    if (!isWatch && isLongRunning(info, exchange.query)) return next(exchange)
    const flow = flowController.match(exchange.user, info)
    exchange.flow = flow
    const { counts, level } = flow
    const work = estimateWork(exchange, level.maxSeats, facts)
    const request = level.queues.start(flow.hand, work)
    counts.seats.observe(request.seats)
    if (request.state === 'waiting') await wait(exchange, flow, request)
    options.time.observe(exchange.queuedMs / 1000)
    if (request.state !== 'executing') {
      if (exchange.isGone) throw new ClientGoneError()
      return refuse(exchange, flow, request)
    }
    const gauge = readVerbs.has(info.verb) ? inFlight.readOnly : inFlight.mutating
    gauge.value++
    counts.dispatched++
    counts.executing++
    counts.executingSeats += request.seats
    const done = (): void => {
      if (request.state !== 'executing') return
      level.queues.finish(request)
      gauge.value--
      counts.executing--
      counts.executingSeats -= request.seats
      counts.executionSeconds.observe((clock.now() - request.startedAt) / 1000)
    }
    try {
      if (isWatch) await watch(exchange, next, done)
      else await next(exchange)
    } finally {
      done()
    }
  }

  async function watch(exchange: Exchange, next: Handler, begun: () => void): Promise<void> {
    exchange.onBegun = begun
    const registered = watches.register(exchange.info)
    try {
      await next(exchange)
    } finally {
      registered[Symbol.dispose]()
    }
  }

  async function wait(exchange: Exchange, flow: Flow, request: FlowRequest): Promise<void> {
    const { counts, level } = flow
    const gauge = readVerbs.has(exchange.info.verb) ? inQueue.readOnly : inQueue.mutating
    counts.waiting++
    gauge.value++
    counts.waitingSeats += request.seats
    const decided = Promise.withResolvers<void>()
    request.onDispatch = () => decided.resolve()
    const timer = clock.after(waitLimitMs, () => {
      counts.rejected['time-out']++
      decided.resolve()
    })
    const leave = (): void => {
      counts.rejected.cancelled++
      decided.resolve()
    }
    exchange.signal.addEventListener('abort', leave, { once: true })
    await decided.promise
    timer[Symbol.dispose]()
    exchange.signal.removeEventListener('abort', leave)
    level.queues.cancel(request)
    counts.waiting--
    gauge.value--
    counts.waitingSeats -= request.seats
    exchange.queuedMs = clock.now() - request.arrivedAt
    const wasDispatched = request.state === 'executing'
    counts.waitSeconds[wasDispatched ? 'true' : 'false'].observe(exchange.queuedMs / 1000)
  }

  function refuse(exchange: Exchange, { counts, level }: Flow, { state, queue }: FlowRequest): Promise<void> {
    exchange.wasTerminated = true
    if (state === 'rejected') counts.rejected[queue ? 'queue-full' : 'concurrency-limit']++
    level.retryAfter.record()
    return respond(exchange, {
      code: 429,
      contentType: 'text/plain; charset=utf-8',
      body: 'Too many requests, please try again later.\n',
      headers: {
        'retry-after': String(level.retryAfter.seconds),
        'x-content-type-options': 'nosniff',
      },
    })
  }
}
