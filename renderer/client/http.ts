import { parseExactJson } from '../../core/api/exact-json.ts'
import { failure, failureOfText, StatusError, type Status } from '../../core/api/status.ts'

function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && (value as Status).kind === 'Status'
}

/** Reads a failed answer as a StatusError; answers that are no Status become one with the HTTP code and text. */
async function statusErrorOf(response: Response): Promise<StatusError> {
  const text = await response.text()
  try {
    const body: unknown = JSON.parse(text)
    if (isStatus(body)) return new StatusError({ ...body, code: body.code || response.status })
  } catch {
    // Not JSON: the text itself is the message.
  }
  return failureOfText(response.status, text.slice(0, 500), response.statusText)
}

/**
 * Fetches from the gateway with the page's cookie. Throws a StatusError for every answer that is not 2xx, and one with
 * code 0 and reason `Unreachable` when no answer came; an abort is thrown as it is.
 */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw failure(0, 'Unreachable', cause instanceof Error ? cause.message : String(cause))
  }
  if (!response.ok) throw await statusErrorOf(response)
  return response
}

/** `send` with JSON out and in. A 204 gives undefined. */
export async function sendJson<T>(path: string, init: RequestInit & { json?: unknown } = {}): Promise<T> {
  const { json, ...rest } = init
  const headers = new Headers(rest.headers)
  if (!headers.has('accept')) headers.set('accept', 'application/json')
  if (json !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json')
  const body = json === undefined ? rest.body : JSON.stringify(json)
  const response = await send(path, { ...rest, headers, ...(body === undefined ? {} : { body }) })
  return (response.status === 204 ? undefined : parseExactJson(await response.text())) as T
}

/** The texts of `Warning:` headers (RFC 7234 `299 - "text"`), as the API server sends them. */
export function warningsOf(response: Response): string[] {
  const header = response.headers.get('warning')
  if (!header) return []
  return [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    match[1]!.replace(/\\(.)/g, '$1'),
  )
}

/** Whether an error is the abort of its own request. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

/** Any thrown value as a Status, so that one component can show it. */
export function toStatus(error: unknown): Status {
  if (error instanceof StatusError) return error.status
  return failure(0, 'Unknown', error instanceof Error ? error.message : String(error)).status
}
