import type { ProtobufEncoder } from '../../registry/protobuf/encode-protobuf.ts'
import type { Logger } from '../../util/logger.ts'
import { ClientGoneError } from '../exchange.ts'
import { createErrorNegotiator } from '../responses/negotiation.ts'
import { respondStatus, toStatusError } from '../responses/status.ts'
import type { Filter } from './filter.ts'
import { leaveBodyUnread } from './leave-body-unread.ts'

/** Turns whatever is thrown further in into a Status answer, or cuts the stream when the answer has begun. */
export function recoveryFilter(options: { log: Logger; protobuf: ProtobufEncoder }): Filter {
  const negotiate = createErrorNegotiator(options.protobuf)
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
      await respondStatus(exchange, negotiate(exchange.header('accept')), status)
    }
  }
}
