import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import type { Duplex } from 'node:stream'
import type { EndpointTarget } from '../../util/endpoint-dialer.ts'
import { joinStreams } from '../../util/join-streams.ts'
import { targetAddress } from '../balancer.ts'
import { ConnectTimeout, type ConnectOptions } from './connect-endpoint.ts'
import { EndpointAgent, type EndpointRequest } from './endpoint-agent.ts'
import { answer, answerHead, hasBody, maxTries, rawAnswer, type Exchange } from './exchange.ts'
import { createGrpcForwarder } from './grpc-forward.ts'
import { createIdleTimer } from './idle-timer.ts'
import { createRelay, isTooLarge, type Relay } from './relay.ts'

/** Hands requests on to endpoints. */
export interface Forwarder {
  /**
   * Streams both ways. What an endpoint could not even be asked goes to another, and so does an idempotent request without a body
   * that broke off before its answer. Answers 503 where no endpoint is ready, 502 where none could be reached, and 504 and 413 by the
   * limits of the Ingress. Endpoints of gRPC are spoken to by HTTP/2.
   */
  web(exchange: Exchange, response: ServerResponse): void
  /** For protocols that begin as an HTTP upgrade, such as WebSocket. */
  upgrade(exchange: Exchange, socket: Duplex, head: Buffer): void
  close(): void
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** See Forwarder for what it guarantees. */
export function createForwarder(connect: ConnectOptions): Forwarder {
  const { clock } = connect
  const kept = new EndpointAgent(connect, { keepAlive: true })
  const fresh = new EndpointAgent(connect, { keepAlive: false })
  const grpc = createGrpcForwarder(connect)

  function attempt(exchange: Exchange, response: ServerResponse, tried: Set<string>, tries = 1): void {
    const { request } = exchange
    const target = exchange.choose(tried)
    if (!target) return answer(response, 503, 'Service Temporarily Unavailable')
    tried.add(targetAddress(target))
    const isRepeatable = idempotent.has(request.method ?? '') && !hasBody(request)
    // A kept connection may be closing just now; then only what may be repeated is safe on it.
    const agent = isRepeatable ? kept : fresh
    const upstream = begin(exchange, { target, agent, headers: bodyHeaders(request) })
    let relay: Relay | undefined
    upstream.once('socket', () => {
      relay = createRelay(exchange, response, upstream, clock)
      relay.sendBody()
    })
    upstream.once('response', (incoming) => {
      passHead(incoming, response, exchange.answerHeaders(target))
      relay?.passBody(incoming)
    })
    upstream.once('error', (error) => {
      if (relay?.isOver) return
      if (response.headersSent || response.destroyed) return void response.destroy()
      // The only endpoint there is may be asked again: its kept connections may all have been closed.
      if ((!relay || isRepeatable) && tries < maxTries) {
        return attempt(exchange, response, tried, tries + 1)
      }
      if (error instanceof ConnectTimeout) return answer(response, 504, 'Gateway Time-out')
      if (relay) relay.giveUp(502, 'Bad Gateway')
      else answer(response, 502, 'Bad Gateway')
    })
    response.once('close', () => upstream.destroy())
  }

  /** Ends both sides when neither has said anything for as long as an endpoint may be silent. */
  function endWhenIdle({ settings }: Exchange, socket: Duplex, stream: Duplex): void {
    const timer = createIdleTimer(
      clock,
      () => settings.timeouts.readMs,
      () => {
        socket.destroy()
        stream.destroy()
      },
    )
    for (const one of [socket, stream]) {
      one.on('data', timer.touch)
      one.once('close', () => timer[Symbol.dispose]())
    }
  }

  return {
    web(exchange, response) {
      if (isTooLarge(exchange.request, exchange)) return answer(response, 413, 'Request Entity Too Large')
      if (exchange.settings.backendProtocol.startsWith('GRPC')) grpc.call(exchange, response)
      else attempt(exchange, response, new Set())
    },
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
        endWhenIdle(exchange, socket, stream)
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
      grpc.close()
    },
  }
}

/** A request to an endpoint, with headers beside those of the exchange; its body is the caller's to send. */
function begin(
  { request, url, headers, settings }: Exchange,
  to: { target: EndpointTarget; agent: EndpointAgent; headers: OutgoingHttpHeaders },
): ClientRequest {
  const { target, agent } = to
  const options: EndpointRequest = {
    connecting: {
      target,
      connectMs: settings.timeouts.connectMs,
      tls: settings.backendProtocol === 'HTTPS' ? 'http/1.1' : undefined,
    },
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

/** How the body's end is told to the endpoint: by its length where it is known. */
function bodyHeaders(request: IncomingMessage): OutgoingHttpHeaders {
  return hasBody(request) && request.headers['content-length'] === undefined
    ? { 'transfer-encoding': 'chunked' }
    : {}
}

function passHead(incoming: IncomingMessage, response: ServerResponse, more: OutgoingHttpHeaders): void {
  // HTTP/2 has no reason phrases.
  if (response.req.httpVersionMajor < 2) response.statusMessage = incoming.statusMessage ?? ''
  response.writeHead(incoming.statusCode ?? 502, answerHead(incoming.headers, more))
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
