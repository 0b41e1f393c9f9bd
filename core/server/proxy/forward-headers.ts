import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { HttpRequest } from '../exchange.ts'
import type { Destination } from './destination.ts'

/** Header fields that are about one connection only (RFC 9110 §7.6.1), those of HTTP/2, and the caller's credentials. */
const dropped = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'authorization',
  'impersonate-user',
  'impersonate-group',
  'impersonate-uid',
  'x-remote-user',
  'x-remote-uid',
  'x-remote-group',
])
const droppedPrefixes = ['impersonate-extra-', 'x-remote-extra-', ':']
/** What would let a page of the API server's origin speak for the answer (upstream: corsRemovingTransport). */
const corsHeaders = new Set([
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
])

function isKept(name: string, connectionNames: ReadonlySet<string>): boolean {
  return (
    !dropped.has(name) &&
    !connectionNames.has(name) &&
    !droppedPrefixes.some((prefix) => name.startsWith(prefix))
  )
}

/** Names that a Connection header makes hop-by-hop. */
function namedByConnection(headers: IncomingHttpHeaders): Set<string> {
  const names = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  return new Set(names.filter((name) => name !== ''))
}

/** The header fields of a request as they are handed on: end-to-end ones without credentials, and who forwarded it. */
export function requestHeaders(request: HttpRequest, destination: Destination): OutgoingHttpHeaders {
  const { headers } = request
  const connectionNames = namedByConnection(headers)
  const out: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && isKept(name, connectionNames)) out[name] = value
  }
  out['host'] = destination.host ?? headers.host ?? [headers[':authority'] ?? []].flat()[0] ?? 'kubernetes'
  const remote = request.socket.remoteAddress?.replace(/^::ffff:/, '')
  if (remote) {
    out['x-forwarded-for'] = [headers['x-forwarded-for'] ?? [], remote].flat().join(', ')
  }
  return { ...out, ...destination.headers }
}

/** The header fields of an answer as they are handed back. */
export function responseHeaders(headers: IncomingHttpHeaders, keepsCors: boolean): OutgoingHttpHeaders {
  const connectionNames = namedByConnection(headers)
  const out: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !isKept(name, connectionNames)) continue
    if (keepsCors || !corsHeaders.has(name)) out[name] = value
  }
  return out
}
