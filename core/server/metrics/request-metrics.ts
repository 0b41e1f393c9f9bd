import type { BoundHistogram, BoundValue, MetricLabels } from '../../util/metrics/metric-registry.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'
import type { Exchange } from '../exchange.ts'

const filterBuckets = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30]
const validationBuckets = [
  0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]
const bodyBuckets = [...Array.from({ length: 31 }, (_, at) => 50_000 + at * 100_000)]
const writes = new Set(['create', 'update', 'patch', 'delete'])
const bodyMethods = new Set(['POST', 'PUT', 'PATCH'])
const validations = new Set(['', 'Ignore', 'Warn', 'Strict'])

/** The filters whose time is told. */
export type MeasuredFilter = 'authentication' | 'authorization' | 'priorityandfairness'

/** What is counted of requests beside their number, duration and size (upstream: endpoints/metrics). */
export interface RequestMetrics {
  /** How long each filter took, without those further in. */
  readonly filters: Readonly<Record<MeasuredFilter, BoundHistogram>>
  /** A request is done. */
  done(exchange: Exchange, labels: () => MetricLabels, seconds: number): void
}

/** Creates them; each series is found once. */
export function createRequestMetrics(registry: MetricRegistry): RequestMetrics {
  const filters = registry.histogram(
    'apiserver_request_filter_duration_seconds',
    '[ALPHA] Seconds that requests spent in a filter.',
    filterBuckets,
  )
  const bodies = registry.histogram(
    'apiserver_request_body_size_bytes',
    '[ALPHA] Bytes of the bodies of requests that write.',
    bodyBuckets,
  )
  const validated = registry.histogram(
    'field_validation_request_duration_seconds',
    '[ALPHA] Seconds that requests with a body took, by how its fields were to be validated.',
    validationBuckets,
  )
  const terminations = registry.counter(
    'apiserver_request_terminations_total',
    '[ALPHA] Requests that were refused or cut off to protect the server.',
  )
  const bodySeries = new Map<string, BoundHistogram>()
  const validationSeries = new Map<string, BoundHistogram>()
  const terminated = new Map<string, BoundValue>()

  function bodySizes({ info }: Exchange): BoundHistogram {
    const key = `${info.apiGroup}/${info.resource} ${info.verb}`
    let series = bodySeries.get(key)
    if (!series) {
      series = bodies.bind({ group: info.apiGroup, resource: info.resource, verb: info.verb })
      bodySeries.set(key, series)
    }
    return series
  }

  function validationTimes(asked: string): BoundHistogram {
    const field_validation = validations.has(asked) ? asked : 'invalid'
    let series = validationSeries.get(field_validation)
    if (!series) validationSeries.set(field_validation, (series = validated.bind({ field_validation })))
    return series
  }

  return {
    filters: {
      authentication: filters.bind({ filter: 'authentication' }),
      authorization: filters.bind({ filter: 'authorization' }),
      priorityandfairness: filters.bind({ filter: 'priorityandfairness' }),
    },
    done(exchange, labels, seconds) {
      const { info, method, isServed, bodyBytes } = exchange
      if (isServed && bodyBytes > 0 && writes.has(info.verb)) bodySizes(exchange).observe(bodyBytes)
      if (info.isResourceRequest && bodyMethods.has(method)) {
        validationTimes(exchange.query.get('fieldValidation') ?? '').observe(seconds)
      }
      if (!exchange.wasTerminated) return
      const { dry_run: _without, ...rest } = labels()
      const all = { code: String(exchange.sent?.code ?? 0), ...rest }
      const key = JSON.stringify(all)
      let count = terminated.get(key)
      if (!count) terminated.set(key, (count = terminations.bind(all)))
      count.value++
    },
  }
}
