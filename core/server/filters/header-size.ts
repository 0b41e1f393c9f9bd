import { failure } from '../../api/status.ts'
import type { Filter } from './filter.ts'

/** Longest request headers in all, as for HTTP/1.1, where the parser sees to it. */
const maxHeaderBytes = 64 * 1024

/** Refuses HTTP/2 requests whose headers are too large with 431. */
export function headerSizeFilter(): Filter {
  return (exchange, next) => {
    const { request } = exchange
    if (request.httpVersionMajor === 2) {
      let length = 0
      for (const part of request.rawHeaders) length += part.length
      if (length > maxHeaderBytes) {
        throw failure(431, 'RequestHeaderFieldsTooLarge', 'request header fields too large')
      }
    }
    return next(exchange)
  }
}
