import { timeoutError, type StatusError } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import { respondStatus } from '../responses/status.ts'
import { isLongRunning } from '../request-info.ts'
import type { Filter } from './filter.ts'

const limitMs = 60_000

function tookTooLong(): StatusError {
  return timeoutError('request did not complete within the allotted timeout')
}

/** Answers 504 for requests that take longer than 60 s; long-running ones are exempt. */
export function timeoutFilter(options: { clock: Clock }): Filter {
  return async (exchange, next) => {
    if (isLongRunning(exchange.info, exchange.query)) return next(exchange)
    let late: Promise<void> | undefined
    const timer = options.clock.after(limitMs, () => {
      late = respondStatus(exchange, tookTooLong().status)
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
