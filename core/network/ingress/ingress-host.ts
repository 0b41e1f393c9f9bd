import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { isIP, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket, type SecureContext } from 'node:tls'
import type { Secret } from '../../api/generated/core-v1.ts'
import type { Ingress } from '../../api/generated/networking-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { EndpointDialer } from '../../util/endpoint-dialer.ts'
import type { Logger } from '../../util/logger.ts'
import { targetAddress, type Balancer } from '../balancer.ts'
import type { ServiceIndex } from '../service-index.ts'
import { stickyCaller, type StickyCaller } from './cookie-affinity.ts'
import { corsHeaders } from './cors.ts'
import { answer, endToEndHeaders, rawAnswer, type Choose, type Exchange } from './exchange.ts'
import { createForwarder } from './forward.ts'
import { openIngressServer, secureContextOf, type IngressServer } from './ingress-server.ts'
import { createRouteTable, hasTls, hostMatches, type Matched, type RouteTable } from './routes.ts'

export interface IngressHostOptions {
  host: string
  services: ServiceIndex
  balancer: Balancer
  dialer: EndpointDialer
  /** The Secret `namespace/name` as of now. */
  secret(key: string): Secret | undefined
  /** The certificate for hosts that no Ingress has one for; asked when the first listener opens. */
  defaultCertificate(): Promise<{ certificate: string; key: string }>
  /** Ports to listen on, best first; 0 is any free one. */
  httpPorts: readonly number[]
  httpsPorts: readonly number[]
  clock: Clock
  log: Logger
}

/** Serves Ingresses on this machine. Listeners are open from the first Ingress to the last. */
export interface IngressHost {
  /** See IngressHost in core/controllers. */
  serve(ingress: Ingress): Promise<{ ip: string; ports: Array<{ port: number; protocol: string }> }>
  release(key: string): Promise<void>
  close(): Promise<void>
}

interface Open {
  http: IngressServer
  https: IngressServer
}

/** See IngressHost for what it guarantees. */
export function createIngressHost(options: IngressHostOptions): IngressHost {
  const { services, balancer } = options
  const ingresses = new Map<string, Ingress>()
  const contexts = new WeakMap<Secret, { context: SecureContext | undefined }>()
  const forwarder = createForwarder(options)
  let routes: RouteTable | undefined
  let opened: Open | undefined
  /** Opening and closing, one after the other. */
  let turn: Promise<unknown> = Promise.resolve()

  function match(request: IncomingMessage): Matched | undefined {
    routes ??= createRouteTable(ingresses.values())
    return routes.match(hostOf(request), request.url ?? '/')
  }

  function chooserFor(
    { ingress, backend }: Matched,
    client: string,
    sticky: StickyCaller | undefined,
  ): Choose {
    const key = `${ingress.metadata.namespace ?? ''}/${backend.service?.name ?? ''}`
    const { name, number } = backend.service?.port ?? {}
    return (avoid) => {
      const port = services
        .service(key)
        ?.spec?.ports?.find((one) => (name ? one.name === name : one.port === number))
      return port && balancer.choose({ key, port, client, avoid, ...(sticky && { had: sticky.had }) })
    }
  }

  function exchangeOf(
    request: IncomingMessage,
    matched: Matched,
    cors: OutgoingHttpHeaders | undefined,
  ): Exchange {
    const { url, settings } = matched
    const client = clientOf(request)
    const sticky = settings.cookie && stickyCaller(request, settings.cookie)
    return {
      request,
      url,
      headers: forwardedHeaders(request, client),
      choose: chooserFor(matched, client, sticky),
      settings,
      answerHeaders(target) {
        const cookie = sticky?.setCookie(targetAddress(target))
        return {
          ...cors,
          ...(cookie !== undefined && { 'set-cookie': cookie }),
        }
      },
    }
  }

  const handlers = {
    onRequest(request: IncomingMessage, response: Parameters<typeof answer>[0]): void {
      const matched = match(request)
      if (!matched) return answer(response, 404, 'default backend - 404')
      if (matched.redirects && !isSecure(request) && opened) {
        const port = opened.https.port === 443 ? '' : `:${opened.https.port}`
        const location = `https://${hostOf(request).replace(/:\d+$/, '')}${port}${request.url ?? '/'}`
        response.writeHead(308, { location })
        response.end()
        return
      }
      const { settings } = matched
      const cors = settings.cors && corsHeaders(request, settings.cors)
      if (cors && request.method === 'OPTIONS') {
        response.writeHead(204, cors)
        response.end()
        return
      }
      const refusal = matched.gate(request, clientOf(request), options.secret)
      if (refusal) answer(response, refusal.status, refusal.text, { ...cors, ...refusal.headers })
      else forwarder.web(exchangeOf(request, matched, cors), response)
    },
    onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      const matched = match(request)
      if (!matched) return void socket.end(rawAnswer(404, 'Not Found'))
      const refusal = matched.gate(request, clientOf(request), options.secret)
      if (refusal) socket.end(rawAnswer(refusal.status, refusal.text, refusal.headers))
      else forwarder.upgrade(exchangeOf(request, matched, undefined), socket, head)
    },
  }

  /** Exact hosts before wildcards. */
  function contextFor(serverName: string): SecureContext | undefined {
    const name = serverName.toLowerCase()
    const found = [...ingresses.values()].flatMap((ingress) =>
      hasTls(ingress, name) ? secretsFor(ingress, name) : [],
    )
    found.sort((a, b) => Number(b.isExact) - Number(a.isExact))
    for (const { key } of found) {
      const secret = options.secret(key)
      if (!secret) continue
      const known = contexts.get(secret) ?? { context: secureContextOf(secret.data) }
      contexts.set(secret, known)
      if (known.context) return known.context
    }
    return undefined
  }

  async function open(): Promise<Open> {
    if (opened) return opened
    const { host, httpPorts, httpsPorts } = options
    const defaultCertificate = await options.defaultCertificate()
    const http = await openIngressServer({ host, ports: httpPorts, ...handlers })
    const tls = { contextFor, defaultCertificate }
    try {
      opened = { http, https: await openIngressServer({ host, ports: httpsPorts, tls, ...handlers }) }
    } catch (error) {
      await http.close()
      throw error
    }
    options.log.info('Ingresses are served', {
      http: `http://${host}:${opened.http.port}`,
      https: `https://${host}:${opened.https.port}`,
    })
    return opened
  }

  async function closeUnused(): Promise<void> {
    if (!opened || ingresses.size > 0) return
    const { http, https } = opened
    opened = undefined
    await Promise.all([http.close(), https.close()])
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }

  return {
    async serve(ingress) {
      const { namespace = '', name } = ingress.metadata
      ingresses.set(`${namespace}/${name}`, ingress)
      routes = undefined
      const { http, https } = await inTurn(open)
      const ports = [http.port, https.port].map((port) => ({ port, protocol: 'TCP' }))
      return { ip: options.host, ports }
    },
    async release(key) {
      if (!ingresses.delete(key)) return
      routes = undefined
      await inTurn(closeUnused)
    },
    async close() {
      ingresses.clear()
      routes = undefined
      await inTurn(closeUnused)
      forwarder.close()
    },
  }
}

function secretsFor({ metadata, spec }: Ingress, host: string): Array<{ key: string; isExact: boolean }> {
  return (spec.tls ?? []).flatMap(({ hosts = [], secretName }) => {
    const matching = hosts.filter((one) => hostMatches(one, host))
    if (!secretName || matching.length === 0) return []
    const isExact = matching.some((one) => !one.startsWith('*.'))
    return [{ key: `${metadata.namespace ?? ''}/${secretName}`, isExact }]
  })
}

/** What the caller sent, and what a proxy tells about them; what they say about themselves in these is not believed. */
function forwardedHeaders(request: IncomingMessage, client: string): OutgoingHttpHeaders {
  const host = hostOf(request)
  return {
    ...endToEndHeaders(request.headers),
    host,
    'x-forwarded-for': isIP(client) ? client : '127.0.0.1',
    'x-real-ip': isIP(client) ? client : '127.0.0.1',
    'x-forwarded-host': host,
    'x-forwarded-port': String(request.socket instanceof Socket ? request.socket.localPort : ''),
    'x-forwarded-proto': isSecure(request) ? 'https' : 'http',
  }
}

function clientOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? ''
}

function hostOf({ headers }: IncomingMessage): string {
  const authority = headers[':authority']
  return headers.host ?? (typeof authority === 'string' ? authority : '')
}

function isSecure({ socket, httpVersionMajor }: IncomingMessage): boolean {
  // HTTP/2 is spoken over TLS only here.
  return httpVersionMajor === 2 || socket instanceof TLSSocket
}
