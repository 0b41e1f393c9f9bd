import { SelectorError } from '../../api/selectors.ts'
import { badRequest, internalError, StatusError, type Status } from '../../api/status.ts'
import type { Logger } from '../../util/logger.ts'
import type { Exchange } from '../exchange.ts'
import { parseAccept } from './accept.ts'
import { stringifyYaml } from '../body/yaml.ts'
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

/** Sends a Status as JSON, or YAML for clients that take nothing else. */
export async function respondStatus(exchange: Exchange, status: Status): Promise<void> {
  const headers: Record<string, string> = {}
  const retryAfter = status.details?.retryAfterSeconds
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
  const yaml = parseAccept(exchange.header('accept'))[0]?.mediaType === 'application/yaml'
  await respond(exchange, {
    code: status.code,
    contentType: yaml ? 'application/yaml' : 'application/json',
    body: yaml ? stringifyYaml(status) : `${JSON.stringify(status)}\n`,
    headers,
  })
}
