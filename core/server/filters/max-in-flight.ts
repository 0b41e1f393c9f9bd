import { failure } from '../../api/status.ts'
import type { Gauge } from '../metrics/metric-registry.ts'
import { isLongRunning } from '../request-info.ts'
import type { Filter } from './filter.ts'

const readVerbs = new Set(['get', 'list', 'watch', 'head'])

/**
 * Bounds how many requests are worked on at once, reads and writes apart; long-running ones do not count. Beyond it 429
 * with Retry-After (upstream: pkg/server/filters/maxinflight.go; same limits).
 */
export function maxInFlightFilter(options: {
  inFlight: Gauge
  readOnly?: number
  mutating?: number
}): Filter {
  const limits = { readOnly: options.readOnly ?? 400, mutating: options.mutating ?? 200 }
  const counts = { readOnly: 0, mutating: 0 }
  return async (exchange, next) => {
    if (isLongRunning(exchange.info, exchange.query)) return next(exchange)
    const kind = readVerbs.has(exchange.info.verb) ? 'readOnly' : 'mutating'
    if (counts[kind] >= limits[kind]) throw tooManyRequests()
    options.inFlight.set({ request_kind: kind }, ++counts[kind])
    try {
      await next(exchange)
    } finally {
      options.inFlight.set({ request_kind: kind }, --counts[kind])
    }
  }
}

function tooManyRequests(): Error {
  return failure(429, 'TooManyRequests', 'Too many requests, please try again later.', {
    retryAfterSeconds: 1,
  })
}
