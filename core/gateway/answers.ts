import type { IncomingMessage, ServerResponse } from 'node:http'
import { badRequest, internalError, StatusError, tooLarge, type Status } from '../api/status.ts'
import { readText } from './upstream.ts'

/** Headers of everything the gateway answers: no framing, no sniffing, no referrer, no script but its own. */
export function securityHeaders(port: number): Record<string, string> {
  const sockets = `ws://127.0.0.1:${port} ws://localhost:${port}`
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    // The component library writes style elements at run time.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self' ${sockets}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { 'content-security-policy': policy, ...commonHeaders }
}

/**
 * For what comes from a cluster: a page that some pod serves through the API server's proxy must not run in the
 * gateway's origin.
 */
export const proxiedHeaders: Record<string, string> = {
  'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, value: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  response.end(JSON.stringify(value))
}

/** Sends a failure as a Status, unless an answer has begun; then the connection is cut, so that it looks broken. */
export function sendStatus(response: ServerResponse, status: Status): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  sendJson(response, status, status.code >= 100 && status.code <= 599 ? status.code : 500)
}

/** Anything thrown, as a StatusError. */
export function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error
  return internalError(error instanceof Error ? error.message : String(error))
}

/** A small page of its own for people whose browser gets no further. Texts are the gateway's, never a request's. */
export function sendPage(
  response: ServerResponse,
  code: number,
  page: { title: string; text: string },
): void {
  const body =
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${page.title}</title>` +
    '<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:40rem;margin:15vh auto;padding:0 1rem}' +
    `code{font-family:ui-monospace,monospace}</style><h1>${page.title}</h1><p>${page.text}</p></html>`
  response.writeHead(code, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
  response.end(body)
}

/** Reads a JSON object of at most 1 MiB. Throws 400 or 413. */
export async function readJsonObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  const limit = 1024 * 1024
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge('at most 1 MiB is taken')
  const text = await readText(request, limit)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badRequest(`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('the body must be a JSON object')
  }
  return value as Record<string, unknown>
}
