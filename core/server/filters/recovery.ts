import type { Logger } from '../../util/logger.ts'
import { ClientGoneError, type Exchange } from '../exchange.ts'
import { respondStatus, toStatusError } from '../responses/status.ts'
import type { Filter } from './filter.ts'

/** Turns whatever is thrown further in into a Status answer, or cuts the stream when the answer has begun. */
export function recoveryFilter(options: { log: Logger }): Filter {
  return async (exchange, next) => {
    try {
      await next(exchange)
    } catch (error) {
      if (error instanceof ClientGoneError || exchange.isGone) return
      const { status } = toStatusError(error, options.log)
      if (exchange.response.headersSent) {
        exchange.response.destroy()
        return
      }
      leaveBodyUnread(exchange)
      await respondStatus(exchange, status)
    }
  }
}

/** A refused request's body is not worth reading: an HTTP/1.1 connection closes after the answer. */
function leaveBodyUnread(exchange: Exchange): void {
  const { request, response } = exchange
  if (request.httpVersionMajor === 1 && !request.complete) {
    response.setHeader('connection', 'close')
    request.resume()
  }
}
