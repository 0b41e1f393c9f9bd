import type { BoundHistogram, MetricRegistry } from '../../util/metrics/metric-registry.ts'
import type { PriorityLevel } from './priority-level.ts'

/** What is counted of one flow schema at one priority level; plain numbers, so that a request costs an addition. */
export interface FlowCounts {
  dispatched: number
  executing: number
  executingSeats: number
  waiting: number
  waitingSeats: number
  rejected: Record<'concurrency-limit' | 'queue-full' | 'time-out' | 'cancelled', number>
  seats: BoundHistogram
  executionSeconds: BoundHistogram
  waitSeconds: Record<'true' | 'false', BoundHistogram>
}

export interface FlowMetrics {
  /** The same counts each time for the same names. */
  countsOf(priorityLevel: string, flowSchema: string): FlowCounts
  fairFraction: number
}

const durations = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]
const prefix = 'apiserver_flowcontrol_'

/** Upstream's apiserver_flowcontrol_* (flowcontrol/metrics/metrics.go), but for its internals of virtual time. */
export function createFlowMetrics(
  registry: MetricRegistry,
  levels: () => Iterable<PriorityLevel>,
): FlowMetrics {
  const flows = new Map<string, { labels: Record<string, string>; counts: FlowCounts }>()
  const gauge = (name: string, help: string) => registry.gauge(prefix + name, help)
  const seats = registry.histogram(
    `${prefix}work_estimated_seats`,
    'Number of estimated seats (maximum of initial and final seats) associated with requests in API Priority and Fairness',
    [1, 2, 4, 8, 16, 32, 64, 100],
  )
  const execution = registry.histogram(
    `${prefix}request_execution_seconds`,
    'Duration of initial stage (for a WATCH) or any (for a non-WATCH) stage of request execution in the API Priority and Fairness subsystem',
    durations,
  )
  const wait = registry.histogram(
    `${prefix}request_wait_duration_seconds`,
    'Length of time a request spent waiting in its queue',
    durations,
  )
  const perFlow = {
    dispatched: registry.counter(
      `${prefix}dispatched_requests_total`,
      'Number of requests executed by API Priority and Fairness subsystem',
    ),
    rejected: registry.counter(
      `${prefix}rejected_requests_total`,
      'Number of requests rejected by API Priority and Fairness subsystem',
    ),
    executing: gauge(
      'current_executing_requests',
      'Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem',
    ),
    executingSeats: gauge(
      'current_executing_seats',
      'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem',
    ),
    waiting: gauge(
      'current_inqueue_requests',
      'Number of requests currently pending in queues of the API Priority and Fairness subsystem',
    ),
    waitingSeats: gauge(
      'current_inqueue_seats',
      'Number of seats currently pending in queues of the API Priority and Fairness subsystem',
    ),
  }
  const perLevel: [ReturnType<typeof gauge>, (level: PriorityLevel) => number][] = [
    [
      gauge('nominal_limit_seats', 'Nominal number of execution seats configured for each priority level'),
      ({ nominal }) => nominal,
    ],
    [
      gauge(
        'lower_limit_seats',
        'Configured lower bound on number of execution seats available to each priority level',
      ),
      ({ least }) => least,
    ],
    [
      gauge(
        'upper_limit_seats',
        'Configured upper bound on number of execution seats available to each priority level',
      ),
      ({ most }) => most,
    ],
    [
      gauge(
        'current_limit_seats',
        'current derived number of execution seats available to each priority level',
      ),
      ({ current }) => current,
    ],
    [gauge('target_seats', 'Seat allocation targets'), ({ target }) => target],
    [
      gauge('demand_seats_high_watermark', 'High watermark, over last adjustment period, of demand_seats'),
      ({ figures }) => figures.highWatermark,
    ],
    [
      gauge('demand_seats_average', 'Time-weighted average, over last adjustment period, of demand_seats'),
      ({ figures }) => figures.average,
    ],
    [
      gauge(
        'demand_seats_stdev',
        'Time-weighted standard deviation, over last adjustment period, of demand_seats',
      ),
      ({ figures }) => figures.deviation,
    ],
    [gauge('demand_seats_smoothed', 'Smoothed seat demands'), ({ figures }) => figures.smoothed],
  ]
  const fraction = gauge(
    'seat_fair_frac',
    "Fair fraction of server's concurrency to allocate to each priority level that can use it",
  )
  const metrics: FlowMetrics = {
    fairFraction: 0,
    countsOf(priorityLevel, flowSchema) {
      const key = `${priorityLevel}/${flowSchema}`
      const known = flows.get(key)
      if (known) return known.counts
      const labels = { flow_schema: flowSchema, priority_level: priorityLevel }
      const counts: FlowCounts = {
        dispatched: 0,
        executing: 0,
        executingSeats: 0,
        waiting: 0,
        waitingSeats: 0,
        rejected: { 'concurrency-limit': 0, 'queue-full': 0, 'time-out': 0, cancelled: 0 },
        seats: seats.bind(labels),
        executionSeconds: execution.bind({ ...labels, type: 'regular' }),
        waitSeconds: {
          true: wait.bind({ execute: 'true', ...labels }),
          false: wait.bind({ execute: 'false', ...labels }),
        },
      }
      flows.set(key, { labels, counts })
      return counts
    },
  }
  registry.beforePrint(() => {
    fraction.set({}, metrics.fairFraction)
    for (const level of levels()) {
      for (const [one, value] of perLevel) one.set({ priority_level: level.name }, value(level))
    }
    for (const { labels, counts } of flows.values()) {
      perFlow.dispatched.set(labels, counts.dispatched)
      perFlow.executing.set(labels, counts.executing)
      perFlow.executingSeats.set(labels, counts.executingSeats)
      perFlow.waiting.set(labels, counts.waiting)
      perFlow.waitingSeats.set(labels, counts.waitingSeats)
      for (const [reason, count] of Object.entries(counts.rejected)) {
        if (count > 0) perFlow.rejected.set({ ...labels, reason }, count)
      }
    }
  })
  return metrics
}
