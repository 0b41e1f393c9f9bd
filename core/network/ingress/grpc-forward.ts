import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2'
import { targetAddress } from '../balancer.ts'
import { connectEndpoint, ConnectTimeout, type ConnectOptions } from './connect-endpoint.ts'
import { answer, answerHead, endToEndHeaders, maxTries, type Exchange } from './exchange.ts'
import { createRelay } from './relay.ts'
import type { EndpointTarget } from '../../util/endpoint-dialer.ts'

/** Hands calls of gRPC on: over HTTP/2, with the trailers that say how they ended. */
export interface GrpcForwarder {
  call(exchange: Exchange, response: ServerResponse): void
  close(): void
}

/** How long a connection without any call is kept. */
const idleMs = 60_000

/** Keeps one connection per endpoint. An endpoint that cannot be connected to is passed over for another. */
export function createGrpcForwarder(options: ConnectOptions): GrpcForwarder {
  const sessions = new Map<string, Promise<ClientHttp2Session>>()

  function sessionTo(target: EndpointTarget, { settings }: Exchange): Promise<ClientHttp2Session> {
    const isSecure = settings.backendProtocol === 'GRPCS'
    const authority = `${isSecure ? 'https' : 'http'}://${targetAddress(target)}`
    const known = sessions.get(authority)
    if (known) return known
    const opening = connectEndpoint(options, {
      target,
      connectMs: settings.timeouts.connectMs,
      tls: isSecure ? 'h2' : undefined,
    }).then((stream) => {
      const session = connectHttp2(authority, { createConnection: () => stream })
      session.on('error', () => session.destroy())
      session.on('goaway', forget)
      session.once('close', forget)
      session.setTimeout(idleMs, () => session.close())
      return session
    })
    function forget(): void {
      if (sessions.get(authority) === opening) sessions.delete(authority)
    }
    sessions.set(authority, opening)
    opening.catch(forget)
    return opening
  }

  function stream(
    exchange: Exchange,
    response: ServerResponse,
    to: { session: ClientHttp2Session; target: EndpointTarget },
  ): void {
    const { request, url } = exchange
    const { host, ...headers } = exchange.headers
    const upstream = to.session.request({
      ...headers,
      ':method': request.method ?? 'POST',
      ':path': url,
      ':authority': String(host),
      te: 'trailers',
    })
    const relay = createRelay(exchange, response, upstream, options.clock)
    upstream.once('response', (incoming) => {
      const { [constants.HTTP2_HEADER_STATUS]: status, ...rest } = incoming
      const head = answerHead(rest as IncomingMessage['headers'], exchange.answerHeaders(to.target))
      response.writeHead(Number(status ?? 502), head)
      response.flushHeaders()
      relay.passBody(upstream)
    })
    upstream.once('trailers', (trailers) => {
      const ending = endToEndHeaders(trailers as IncomingMessage['headers'])
      response.addTrailers(
        Object.fromEntries(Object.entries(ending).map(([name, value]) => [name, String(value)])),
      )
    })
    upstream.once('error', () => relay.giveUp(502, 'Bad Gateway'))
    response.once('close', () => upstream.close(constants.NGHTTP2_CANCEL))
    relay.sendBody()
  }

  async function call(exchange: Exchange, response: ServerResponse): Promise<void> {
    const tried = new Set<string>()
    let problem: unknown
    for (let tries = 0; tries < maxTries && !response.destroyed; tries++) {
      const target = exchange.choose(tried)
      if (!target) return answer(response, 503, 'Service Temporarily Unavailable')
      tried.add(targetAddress(target))
      try {
        const session = await sessionTo(target, exchange)
        return stream(exchange, response, { session, target })
      } catch (error) {
        problem = error
      }
    }
    if (problem instanceof ConnectTimeout) answer(response, 504, 'Gateway Time-out')
    else answer(response, 502, 'Bad Gateway')
  }

  return {
    call: (exchange, response) => void call(exchange, response),
    close() {
      for (const opening of sessions.values()) {
        opening.then(
          (session) => session.destroy(),
          () => undefined,
        )
      }
    },
  }
}
