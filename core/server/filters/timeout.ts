import { badRequest, timeoutError, type StatusError } from '../../api/status.ts'
import { parseDuration } from '../../cel/values/time.ts'
import type { ProtobufEncoder } from '../../registry/protobuf/encode-protobuf.ts'
import type { Clock } from '../../util/clock.ts'
import type { Exchange } from '../exchange.ts'
import { createErrorNegotiator } from '../responses/negotiation.ts'
import { respondStatus } from '../responses/status.ts'
import { isLongRunning } from '../request-info.ts'
import type { Filter } from './filter.ts'
import { leaveBodyUnread } from './leave-body-unread.ts'

const longestMs = 60_000

function tookTooLong(): StatusError {
  return timeoutError('request did not complete within the allotted timeout')
}

/** What the client allows, which can only be less than what the server does (upstream: filters/request_deadline.go). */
function limitOf(exchange: Exchange): number {
  const asked = exchange.query.get('timeout')
  if (!asked) return longestMs
  const duration = parseDuration(asked)
  if (!duration) {
    const why = `time: invalid duration ${JSON.stringify(asked)}`
    throw badRequest(`invalid timeout specified in the request URL - ${why}`)
  }
  const milliseconds = Number(duration.nanos / 1_000_000n)
  return duration.nanos > 0n && milliseconds < longestMs ? milliseconds : longestMs
}

/**
 * Answers 504 for requests that take longer than 60 s, or than their `timeout` parameter, sending their body included;
 * long-running ones are exempt.
 */
export function timeoutFilter(options: { clock: Clock; protobuf: ProtobufEncoder }): Filter {
  const negotiate = createErrorNegotiator(options.protobuf)
  return async (exchange, next) => {
    if (isLongRunning(exchange.info, exchange.query)) return next(exchange)
    let late: Promise<void> | undefined
    const timer = options.clock.after(limitOf(exchange), () => {
      if (!exchange.response.headersSent) leaveBodyUnread(exchange)
      exchange.wasTerminated = true
      late = respondStatus(exchange, negotiate(exchange.header('accept')), tookTooLong().status)
      exchange.abort()
    })
    try {
      await next(exchange)
    } finally {
      timer[Symbol.dispose]()
      await late
    }
  }
}
