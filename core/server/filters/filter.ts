import type { Exchange } from '../exchange.ts'

/** Answers a request; failures are thrown and become Status answers in the recovery filter. */
export type Handler = (exchange: Exchange) => Promise<void>

/** One step around the handler: may look at, change, refuse (by throwing) or pass on a request. */
export type Filter = (exchange: Exchange, next: Handler) => Promise<void>

/** Nests filters around a handler; the first filter is the outermost. */
export function compose(filters: Filter[], handler: Handler): Handler {
  return filters.reduceRight<Handler>((next, filter) => (exchange) => filter(exchange, next), handler)
}
