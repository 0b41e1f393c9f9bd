import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createProxyServer, type ServerOptions } from 'http-proxy-3'
import { failure } from '../api/status.ts'
import type { Logger } from '../util/logger.ts'
import { proxiedHeaders, sendStatus } from './answers.ts'
import { rejectUpgrade } from './reject-upgrade.ts'
import { unreachable, type Upstream } from './upstream.ts'

/** Hands requests on to a cluster's API server, streaming both ways. */
export interface KubeProxy {
  /** `path` is what follows `/clusters/<id>/k8s`. Failures to reach the server become Status answers. */
  web(
    upstream: Upstream,
    path: string,
    exchange: { request: IncomingMessage; response: ServerResponse },
  ): void
  /** For WebSocket upgrades. */
  upgrade(
    upstream: Upstream,
    path: string,
    exchange: { request: IncomingMessage; socket: Duplex; head: Buffer },
  ): void
  close(): void
}

/** Headers of the browser and of the gateway's own access that are no business of the cluster. */
const privateHeaders = ['cookie', 'authorization', 'origin', 'referer', 'x-forwarded-for', 'forwarded']

/** Creates the proxy; it acts under the cluster's credentials and passes none of the caller's on. */
export function createKubeProxy(log: Logger): KubeProxy {
  const proxy = createProxyServer({})
  const sockets = new Set<Duplex>()
  proxy.on('proxyRes', (answer) => {
    for (const name of [
      'set-cookie',
      'service-worker-allowed',
      'access-control-allow-origin',
      'clear-site-data',
    ]) {
      delete answer.headers[name]
    }
    Object.assign(answer.headers, proxiedHeaders)
  })
  proxy.on('econnreset', (_error, _request, response) => response.destroy())

  function optionsFor(upstream: Upstream): ServerOptions {
    const server = new URL(upstream.cluster.server)
    const { tls, headers } = upstream.credentials()
    const target = {
      protocol: 'https:',
      host: server.hostname,
      hostname: server.hostname,
      port: Number(server.port || 443),
      ...(tls.ca !== undefined && { ca: String(tls.ca) }),
      ...(tls.cert !== undefined && { cert: String(tls.cert) }),
      ...(tls.key !== undefined && { key: String(tls.key) }),
    }
    return { target, headers, agent: upstream.agent, secure: true, changeOrigin: true, prependPath: false }
  }
  function prepare(upstream: Upstream, request: IncomingMessage, path: string): void {
    request.url = new URL(upstream.cluster.server).pathname.replace(/\/$/, '') + path
    for (const name of privateHeaders) delete request.headers[name]
    for (const name of Object.keys(request.headers)) {
      if (name.startsWith('sec-fetch-') || name.startsWith('sec-ch-')) delete request.headers[name]
    }
  }
  function reportError(upstream: Upstream, error: Error): ReturnType<typeof unreachable> {
    log.debug('proxied request failed', { cluster: upstream.cluster.id, error })
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT') {
      return unreachable(upstream.cluster, error)
    }
    return failure(502, 'BadGateway', `the API server's answer was cut short: ${error.message}`)
  }

  return {
    web(upstream, path, { request, response }) {
      prepare(upstream, request, path)
      proxy.web(request, response, optionsFor(upstream), (error) => {
        sendStatus(response, reportError(upstream, error).status)
      })
    },
    upgrade(upstream, path, { request, socket, head }) {
      prepare(upstream, request, path)
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      socket.on('error', () => undefined)
      const options = { ...optionsFor(upstream), agent: false }
      proxy.ws(request, socket, head, options, (error) => {
        rejectUpgrade(socket, reportError(upstream, error).status)
      })
    },
    close() {
      for (const socket of sockets) socket.destroy()
      proxy.removeAllListeners()
    },
  }
}
