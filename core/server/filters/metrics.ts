import type { Clock } from '../../util/clock.ts'
import type { Exchange } from '../exchange.ts'
import { labelsOf } from '../metrics/request-labels.ts'
import type { BoundHistogram, BoundValue } from '../../util/metrics/metric-registry.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { Filter } from './filter.ts'

/** The series of requests with the same labels. */
interface RequestSeries {
  byCode: Map<number, BoundValue>
  duration: BoundHistogram
  sliDuration: BoundHistogram
  /** Of reads only, as upstream. */
  size: BoundHistogram | undefined
}

/** Counts requests and their durations by verb and resource, once they are done. */
export function metricsFilter(options: { metrics: ServerMetrics; clock: Clock }): Filter {
  const { metrics, clock } = options
  const known = new Map<string, RequestSeries>()

  function seriesOf(exchange: Exchange): RequestSeries {
    const labels = labelsOf(exchange)
    const { dry_run, group, resource, scope, subresource, verb, version } = labels
    const key = `${verb} ${group}/${version}/${resource}/${subresource} ${scope} ${dry_run}`
    let series = known.get(key)
    if (!series) {
      const { dry_run: _without, ...rest } = labels
      const isRead = verb === 'GET' || verb === 'LIST'
      series = {
        byCode: new Map(),
        duration: metrics.durations.bind(labels),
        sliDuration: metrics.sliDurations.bind(rest),
        size: isRead ? metrics.responseSizes.bind(rest) : undefined,
      }
      known.set(key, series)
    }
    return series
  }

  return async (exchange, next) => {
    try {
      await next(exchange)
    } finally {
      const series = seriesOf(exchange)
      const { code = 0, bytes = 0 } = exchange.sent ?? {}
      let count = series.byCode.get(code)
      if (!count) {
        count = metrics.requests.bind({ code: String(code), ...labelsOf(exchange) })
        series.byCode.set(code, count)
      }
      count.value++
      const milliseconds = clock.now() - exchange.startedAt
      metrics.more.done(exchange, () => labelsOf(exchange), milliseconds / 1000)
      series.duration.observe(milliseconds / 1000)
      series.sliDuration.observe((milliseconds - exchange.queuedMs) / 1000)
      series.size?.observe(bytes)
    }
  }
}
