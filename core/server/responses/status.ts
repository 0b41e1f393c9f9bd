import { SelectorError } from '../../api/selectors.ts'
import { badRequest, internalError, isPathNotFound, StatusError, type Status } from '../../api/status.ts'
import type { Logger } from '../../util/logger.ts'
import type { Exchange } from '../exchange.ts'
import type { AnswerForm } from './negotiation.ts'
import { respondData } from './object.ts'
import { respond } from './respond.ts'

/**
 * Turns anything thrown into a StatusError. The one place where an unknown error becomes a 500: it is logged with its
 * cause, and the client sees no stack.
 */
export function toStatusError(error: unknown, log: Logger): StatusError {
  if (error instanceof StatusError) return error
  if (error instanceof SelectorError) return badRequest(error.message)
  log.error('request failed unexpectedly', { error })
  return internalError(error instanceof Error ? error.message : String(error))
}

const noSniff = { 'x-content-type-options': 'nosniff' }

/** Sends a failure in the form the client takes; that of an unknown path as plain text. */
export async function respondStatus(exchange: Exchange, form: AnswerForm, status: Status): Promise<void> {
  if (isPathNotFound(status)) {
    const headers = { ...noSniff }
    const body = `${status.message}\n`
    await respond(exchange, { code: status.code, contentType: 'text/plain; charset=utf-8', body, headers })
    return
  }
  const headers: Record<string, string> = exchange.isDenied ? { ...noSniff } : {}
  const retryAfter = status.details?.retryAfterSeconds
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
  await respondData(exchange, form, { code: status.code, data: status, headers })
}
