import { methodNotAllowed } from '../../api/status.ts'
import type { Handler } from '../filters/filter.ts'
import { respond } from '../responses/respond.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'

/** Serves metrics in the Prometheus text format. Throws 405 for DELETE, which sets upstream's back: what is counted here is only read. */
export function createMetricsHandler(metrics: MetricRegistry): Handler {
  return async (exchange) => {
    if (exchange.method === 'DELETE') throw methodNotAllowed()
    await respond(exchange, {
      code: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: await metrics.print(),
    })
  }
}
