import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream'
import type { EndpointDialer, EndpointTarget } from '../../util/endpoint-dialer.ts'
import { joinStreams } from '../../util/join-streams.ts'
import { targetAddress } from '../balancer.ts'
import { EndpointAgent, type EndpointRequest } from './endpoint-agent.ts'

/** Chooses an endpoint, another than those in `avoid` where there is one. */
export type Choose = (avoid: ReadonlySet<string>) => EndpointTarget | undefined

export interface Exchange {
  request: IncomingMessage
  /** What the endpoint is asked for. */
  url: string
  headers: OutgoingHttpHeaders
  choose: Choose
}

/** Hands requests on to endpoints. */
export interface Forwarder {
  /**
   * Streams both ways. What an endpoint could not even be asked goes to another, and so does an idempotent request without a body
   * that broke off before its answer. Answers 503 where no endpoint is ready and 502 where none could be reached.
   */
  web(exchange: Exchange, response: ServerResponse): void
  /** For protocols that begin as an HTTP upgrade, such as WebSocket. */
  upgrade(exchange: Exchange, socket: Duplex, head: Buffer): void
  close(): void
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
const maxTries = 4
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

/** See Forwarder for what it guarantees. */
export function createForwarder(dialer: EndpointDialer): Forwarder {
  const kept = new EndpointAgent(dialer, { keepAlive: true })
  const fresh = new EndpointAgent(dialer, { keepAlive: false })

  function attempt(exchange: Exchange, response: ServerResponse, tried: Set<string>, tries = 1): void {
    const { request } = exchange
    const target = exchange.choose(tried)
    if (!target) return answer(response, 503, 'Service Temporarily Unavailable')
    tried.add(targetAddress(target))
    const isRepeatable = idempotent.has(request.method ?? '') && !hasBody(request)
    // A kept connection may be closing just now; then only what may be repeated is safe on it.
    const agent = isRepeatable ? kept : fresh
    const upstream = begin(exchange, { target, agent, headers: bodyHeaders(request) })
    let isConnected = false
    upstream.once('socket', () => {
      isConnected = true
      if (hasBody(request)) pipeline(request, upstream, () => undefined)
      else upstream.end()
    })
    upstream.once('response', (incoming) => {
      passHead(incoming, response)
      pipeline(incoming, response, (error) => {
        if (error) response.destroy()
      })
    })
    upstream.once('error', () => {
      if (response.headersSent || response.destroyed) return void response.destroy()
      // The only endpoint there is may be asked again: its kept connections may all have been closed.
      if ((!isConnected || isRepeatable) && tries < maxTries) {
        return attempt(exchange, response, tried, tries + 1)
      }
      answer(response, 502, 'Bad Gateway')
    })
    response.once('close', () => upstream.destroy())
  }

  return {
    web: (exchange, response) => attempt(exchange, response, new Set()),
    upgrade(exchange, socket, head) {
      const { request } = exchange
      socket.on('error', () => socket.destroy())
      const target = exchange.choose(new Set())
      if (!target) return void socket.end(rawAnswer(503, 'Service Temporarily Unavailable'))
      const { connection, upgrade } = request.headers
      const upstream = begin(exchange, { target, agent: fresh, headers: { connection, upgrade } })
      upstream.once('upgrade', (incoming, stream, first) => {
        socket.write(rawHead(incoming))
        if (first.length > 0) socket.write(first)
        if (head.length > 0) stream.write(head)
        void joinStreams(socket, stream)
      })
      upstream.once('response', (incoming) => {
        socket.write(rawHead(incoming, { connection: 'close' }))
        incoming.pipe(socket)
      })
      upstream.once('error', () => socket.end(rawAnswer(502, 'Bad Gateway')))
      socket.once('close', () => upstream.destroy())
      upstream.end()
    },
    close() {
      kept.destroy()
      fresh.destroy()
    },
  }
}

/** A request to an endpoint, with headers beside those of the exchange; its body is the caller's to send. */
function begin(
  { request, url, headers }: Exchange,
  to: { target: EndpointTarget; agent: EndpointAgent; headers: OutgoingHttpHeaders },
): ClientRequest {
  const { target, agent } = to
  const options: EndpointRequest = {
    target,
    host: target.ip,
    port: target.port,
    method: request.method ?? 'GET',
    path: url,
    headers: { ...headers, ...to.headers },
    agent,
    setHost: false,
  }
  return httpRequest(options)
}

/** A short answer of the proxy's own. */
export function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}

/** The same for a connection that asked for an upgrade. */
export function rawAnswer(status: number, text: string): string {
  return `HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`
}

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

function hasBody({ headers, httpVersionMajor, method }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  if (headers['content-length'] !== undefined) return headers['content-length'] !== '0'
  return httpVersionMajor === 2 && !['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method ?? '')
}

/** How the body's end is told to the endpoint: by its length where it is known. */
function bodyHeaders(request: IncomingMessage): OutgoingHttpHeaders {
  return hasBody(request) && request.headers['content-length'] === undefined
    ? { 'transfer-encoding': 'chunked' }
    : {}
}

function passHead(incoming: IncomingMessage, response: ServerResponse): void {
  // HTTP/2 has no reason phrases.
  if (response.req.httpVersionMajor < 2) response.statusMessage = incoming.statusMessage ?? ''
  response.writeHead(incoming.statusCode ?? 502, endToEndHeaders(incoming.headers))
}

function rawHead(incoming: IncomingMessage, more: Record<string, string> = {}): string {
  const lines = [`HTTP/1.1 ${incoming.statusCode ?? 502} ${incoming.statusMessage ?? ''}`]
  const { rawHeaders } = incoming
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    const isReplaced = name.toLowerCase() in more
    // Node has taken the chunks of the body apart already.
    if (!isReplaced && name.toLowerCase() !== 'transfer-encoding')
      lines.push(`${name}: ${rawHeaders[at + 1]}`)
  }
  for (const [name, value] of Object.entries(more)) lines.push(`${name}: ${value}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
