import { parseRequestInfo } from '../request-info.ts'
import type { Filter } from './filter.ts'

/** Reads method, path and query into `exchange.info`; refuses paths that cannot be understood with 400. */
export function requestInfoFilter(): Filter {
  return (exchange, next) => {
    exchange.info = parseRequestInfo(exchange.method, exchange.rawPath, exchange.query)
    return next(exchange)
  }
}
