import type { Handler } from '../filters/filter.ts'
import { respond } from '../responses/respond.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'

/** Serves metrics in the Prometheus text format; DELETE begins to count anew, as upstream. */
export function createMetricsHandler(metrics: MetricRegistry): Handler {
  return async (exchange) => {
    if (exchange.method === 'DELETE') {
      metrics.reset()
      await respond(exchange, {
        code: 200,
        contentType: 'text/plain; charset=utf-8',
        body: 'metrics reset\n',
      })
      return
    }
    await respond(exchange, {
      code: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: await metrics.print(),
    })
  }
}
