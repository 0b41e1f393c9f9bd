import { StatusError } from '../../api/status.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../filters/filter.ts'
import { forwardRequest } from '../proxy/forward-request.ts'
import { respond } from '../responses/respond.ts'
import type { Aggregator } from './aggregator.ts'

/** Hands what extension API servers serve on to them, and everything else to `next` (upstream: handler_proxy.go). */
export function createAggregationHandler(aggregator: Aggregator, next: Handler): Handler {
  return async (exchange) => {
    const remote = aggregator.remoteFor(exchange.info)
    if (!remote) return next(exchange)
    exchange.isServed = exchange.info.isResourceRequest
    if (!aggregator.isAvailable(remote)) return refuse(exchange, 'service unavailable')
    try {
      await forwardRequest(exchange, remote.destination(exchange.user, exchange.request.url ?? '/'))
    } catch (error) {
      if (!(error instanceof StatusError) || exchange.response.headersSent) throw error
      await refuse(exchange, error.code === 503 ? error.message : 'service unavailable')
    }
  }
}

/** Plain text, as upstream refuses here. */
function refuse(exchange: Exchange, text: string): Promise<void> {
  const headers = { 'x-content-type-options': 'nosniff' }
  const contentType = 'text/plain; charset=utf-8'
  return respond(exchange, { code: 503, contentType, body: `${text}\n`, headers })
}
