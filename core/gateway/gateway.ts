import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { failure, pageNotFound, StatusError } from '../api/status.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { createAccess, type Access } from './access.ts'
import { securityHeaders, sendPage, sendStatus, toStatusError } from './answers.ts'
import { createGatewayApi, decodePart, findUpstream } from './gateway-api.ts'
import type { GatewayCluster } from './gateway-cluster.ts'
import { createKubeProxy } from './kube-proxy.ts'
import { createLaunchToken } from './launch-token.ts'
import { createLiveLists } from './live/live-lists.ts'
import { serveLiveSession } from './live/live-session.ts'
import { createPortForwards } from './port-forward/port-forwards.ts'
import { createPreferences } from './preferences.ts'
import { rejectUpgrade } from './reject-upgrade.ts'
import { createStaticFiles } from './static-files.ts'
import { serveStreamSocket } from './stream-socket.ts'
import { createUpstream } from './upstream.ts'

export interface GatewayOptions {
  clusters: GatewayCluster[]
  /** The built page. */
  staticDirectory: string
  /** A loopback address; default 127.0.0.1. */
  host?: string
  /** 0 asks for a free port; a port in use gives way to a free one. */
  port: number
  /** The launch token; a new one by default. */
  token?: string
  preferencesFile: string
  clock: Clock
  log: Logger
}

/** The page's server (D14, D15). */
export interface Gateway {
  /** Address with the launch token. */
  readonly url: string
  readonly port: number
  readonly token: string
  close(): Promise<void>
}

const kubePath = /^\/clusters\/([^/]+)\/k8s(\/.*)$/
const streamPath = /^\/clusters\/([^/]+)\/stream(\/.*)$/

/** Starts the gateway; resolves once it listens. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { clock, log, host = '127.0.0.1' } = options
  const server = createServer()
  const port = await listen(server, host, options.port)
  const access = createAccess(options.token ?? createLaunchToken(), port)
  const headers = securityHeaders(port)
  const upstreams = new Map(options.clusters.map((cluster) => [cluster.id, createUpstream(cluster)]))
  const lists = createLiveLists({ upstreams, clock, log })
  const forwards = createPortForwards({ clock, log, random: Math.random })
  const preferences = createPreferences(options.preferencesFile, log)
  const serveApi = createGatewayApi({ upstreams, forwards, preferences, clock })
  const serveFile = createStaticFiles(options.staticDirectory)
  const proxy = createKubeProxy(log)
  const live = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, perMessageDeflate: false })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, query] = splitUrl(request.url ?? '/')
    if (isTokenLink(request, path, query)) {
      access.checkHost(request)
      acceptToken(access, response, { path, query })
      return
    }
    access.check(request)
    const kube = kubePath.exec(path)
    if (kube) {
      const target = kube[2]! + (query === '' ? '' : `?${query}`)
      proxy.web(findUpstream(upstreams, decodePart(kube[1]!)), target, { request, response })
    } else if (path.startsWith('/api/') || path === '/live' || path.startsWith('/clusters/')) {
      await serveApi(request, response, path)
    } else if (request.method === 'GET' || request.method === 'HEAD') {
      await serveFile(request, response, path)
    } else {
      throw pageNotFound()
    }
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    access.check(request)
    const [path, query] = splitUrl(request.url ?? '/')
    if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      throw failure(400, 'BadRequest', 'only WebSocket upgrades are served')
    }
    const kube = kubePath.exec(path)
    const stream = streamPath.exec(path)
    if (stream) {
      const target = stream[2]! + (query === '' ? '' : `?${query}`)
      const upstream = findUpstream(upstreams, decodePart(stream[1]!))
      live.handleUpgrade(request, socket, head, (webSocket) => {
        void serveStreamSocket(webSocket, upstream, target)
      })
    } else if (kube) {
      const target = kube[2]! + (query === '' ? '' : `?${query}`)
      proxy.upgrade(findUpstream(upstreams, decodePart(kube[1]!)), target, { request, socket, head })
    } else if (path === '/live') {
      live.handleUpgrade(request, socket, head, (webSocket) => serveLiveSession(webSocket, lists, clock))
    } else {
      throw pageNotFound()
    }
  }

  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    serve(request, response).catch((error: unknown) => refuse(log, { request, response }, error))
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined)
    try {
      upgrade(request, socket, head)
    } catch (error) {
      rejectUpgrade(socket, toStatusError(error).status)
    }
  })
  return {
    url: `http://127.0.0.1:${port}/?token=${access.token}`,
    port,
    token: access.token,
    async close() {
      for (const webSocket of live.clients) webSocket.terminate()
      lists.close()
      proxy.close()
      await forwards.close()
      for (const upstream of upstreams.values()) upstream.close()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}

/** A page opened with the token in its address. */
function isTokenLink(request: IncomingMessage, path: string, query: string): boolean {
  const isPage = !path.startsWith('/api/') && !path.startsWith('/clusters/') && path !== '/live'
  return request.method === 'GET' && isPage && new URLSearchParams(query).has('token')
}

/** Trades the token for a cookie, so that it does not stay in the address bar and the history. */
function acceptToken(access: Access, response: ServerResponse, link: { path: string; query: string }): void {
  const query = new URLSearchParams(link.query)
  if (!access.isToken(query.get('token') ?? '')) {
    sendUnauthorizedPage(response)
    return
  }
  query.delete('token')
  const rest = query.toString()
  // A path such as `//host` would leave this server.
  const path = `/${link.path.replace(/^[/\\]+/, '')}`
  response.writeHead(303, {
    location: rest ? `${path}?${rest}` : path,
    'set-cookie': access.cookie,
    'cache-control': 'no-store',
  })
  response.end()
}

function sendUnauthorizedPage(response: ServerResponse): void {
  const text =
    'Open the address that Wheelhouse printed when it started; it carries the key of this launch. ' +
    'Addresses of earlier launches are no longer valid.'
  sendPage(response, 401, { title: 'This page needs its key', text })
}

function refuse(
  log: Logger,
  exchange: { request: IncomingMessage; response: ServerResponse },
  error: unknown,
): void {
  const { request, response } = exchange
  if (!(error instanceof StatusError)) log.error('gateway request failed', { path: request.url, error })
  const { status } = toStatusError(error)
  const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
  if (status.code === 401 && wantsPage && !response.headersSent) sendUnauthorizedPage(response)
  else sendStatus(response, status)
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  const attempt = (wanted: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(wanted, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  try {
    await attempt(port)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (port === 0 || (code !== 'EADDRINUSE' && code !== 'EACCES')) throw error
    await attempt(0)
  }
  return (server.address() as AddressInfo).port
}
