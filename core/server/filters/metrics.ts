import type { Clock } from '../../util/clock.ts'
import type { Exchange } from '../exchange.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { MetricLabels } from '../metrics/metric-registry.ts'
import { isLongRunning } from '../request-info.ts'
import type { Filter } from './filter.ts'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Counts requests and their durations by verb and resource, once they are done. */
export function metricsFilter(options: { metrics: ServerMetrics; clock: Clock }): Filter {
  const { metrics, clock } = options
  return async (exchange, next) => {
    try {
      await next(exchange)
    } finally {
      const labels = labelsOf(exchange)
      const long = isLongRunning(exchange.info, exchange.query)
      const { code = 0, bytes = 0 } = exchange.sent ?? {}
      metrics.requests.add({ code: String(code), ...labels })
      if (!long) {
        metrics.durations.observe(labels, (clock.now() - exchange.startedAt) / 1000)
        metrics.responseSizes.observe(labels, bytes)
      }
    }
  }
}

/** The labels of a request's series. Resources that nothing serves are not named, so that strangers cannot grow the number of series. */
export function labelsOf(exchange: Exchange): MetricLabels {
  const { info } = exchange
  const known = exchange.isServed
  const method = methods.has(exchange.method) ? exchange.method : 'other'
  return {
    component: 'apiserver',
    dry_run: exchange.query.has('dryRun') ? 'All' : '',
    group: known ? info.apiGroup : '',
    resource: known ? info.resource : '',
    scope: !known ? '' : info.name ? 'resource' : info.namespace ? 'namespace' : 'cluster',
    subresource: known ? info.subresource : '',
    verb: known ? info.verb.toUpperCase() : method,
    version: known ? info.apiVersion : '',
  }
}
