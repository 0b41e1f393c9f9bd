import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { IngressSettings } from '../../api/ingress-annotations.ts'
import type { EndpointTarget } from '../../util/endpoint-dialer.ts'

/** Chooses an endpoint, another than those in `avoid` where there is one. */
export type Choose = (avoid: ReadonlySet<string>) => EndpointTarget | undefined

/** A request and what is to become of it. */
export interface Exchange {
  request: IncomingMessage
  /** What the endpoint is asked for. */
  url: string
  headers: OutgoingHttpHeaders
  choose: Choose
  settings: IngressSettings
  /** What the answer of an endpoint gets beside its own headers. */
  answerHeaders(target: EndpointTarget): OutgoingHttpHeaders
}

/** How often a request is given to an endpoint before that is given up. */
export const maxTries = 4

/** Headers of one connection, which a proxy does not pass on (RFC 9110, 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'http2-settings',
]

/** The headers that go on to the next one: those of this connection alone, and HTTP/2's own, are left out. */
export function endToEndHeaders(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  const left = Object.entries(headers).filter(
    ([name]) => !name.startsWith(':') && !hopByHop.includes(name) && !named.includes(name),
  )
  return Object.fromEntries(left)
}

/** An endpoint's headers and those that are added: cookies beside its own, others in place of its own. */
export function answerHead(
  headers: IncomingMessage['headers'],
  more: OutgoingHttpHeaders,
): OutgoingHttpHeaders {
  const cookies = [headers['set-cookie'] ?? [], more['set-cookie'] ?? []].flat().map(String)
  return {
    ...endToEndHeaders(headers),
    ...more,
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
  }
}

/** A short answer of the proxy's own. */
export function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
  response.end(`${text}\n`)
}

/** The same for a connection that asked for an upgrade. */
export function rawAnswer(status: number, text: string, headers: OutgoingHttpHeaders = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`)
  return `HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n${lines.join('')}\r\n`
}

/** Whether a body comes with the request, or may come. */
export function hasBody({ headers, httpVersionMajor, method }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  if (headers['content-length'] !== undefined) return headers['content-length'] !== '0'
  return httpVersionMajor === 2 && !['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method ?? '')
}
