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
    'Seats that a request was taken to need',
    [1, 2, 4, 8, 16, 32, 64, 100],
  )
  const execution = registry.histogram(
    `${prefix}request_execution_seconds`,
    'Seconds in which a request held its seats (a watch: until it had begun)',
    durations,
  )
  const wait = registry.histogram(
    `${prefix}request_wait_duration_seconds`,
    'Seconds that a request waited for its turn',
    durations,
  )
  const perFlow = {
    dispatched: registry.counter(`${prefix}dispatched_requests_total`, 'Requests that had their turn'),
    rejected: registry.counter(`${prefix}rejected_requests_total`, 'Requests turned away without a turn'),
    executing: gauge(
      'current_executing_requests',
      'Requests that hold seats now (a watch: until it has begun)',
    ),
    executingSeats: gauge('current_executing_seats', 'Seats that are held now'),
    waiting: gauge('current_inqueue_requests', 'Requests that wait for their turn now'),
    waitingSeats: gauge('current_inqueue_seats', 'Seats that waiting requests will need'),
  }
  const perLevel: [ReturnType<typeof gauge>, (level: PriorityLevel) => number][] = [
    [gauge('nominal_limit_seats', 'Seats that a priority level has by its share'), ({ nominal }) => nominal],
    [
      gauge('lower_limit_seats', 'Seats that a priority level keeps however much it lends'),
      ({ least }) => least,
    ],
    [
      gauge('upper_limit_seats', 'Seats that a priority level may have with all that it borrows'),
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
      gauge(
        'demand_seats_high_watermark',
        'Most seats wanted at once in the last period between adjustments',
      ),
      ({ figures }) => figures.highWatermark,
    ],
    [
      gauge(
        'demand_seats_average',
        'Seats wanted in the last period between adjustments, on average of its time',
      ),
      ({ figures }) => figures.average,
    ],
    [
      gauge(
        'demand_seats_stdev',
        'How far the wanted seats were from their average in that period (standard deviation by time)',
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
