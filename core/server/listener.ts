import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from '../util/logger.ts'
import type { HttpRequest, HttpResponse } from './exchange.ts'
import type { UpgradeHandler } from './upgrade-handler.ts'

/** What TLS needs; `onRenewed` reports a new serving certificate. All PEM. */
export interface ServingCertificates {
  clientCa: string
  current(): { certificate: string; key: string }
  onRenewed(listener: () => void): Disposable
}

/** Where a listener listens. */
export interface ListenAddress {
  host: string
  port: number
}

/** HTTPS (HTTP/2 and HTTP/1.1 on one port) on any number of addresses. */
export interface Listener {
  /**
   * Listens on one more address and returns it. A wanted port that is in use, or may not be had, gives way to a free
   * one; port 0 asks for a free one at once.
   */
  listen(host: string, port: number): Promise<ListenAddress>
  /** In the order of the `listen` calls. */
  readonly addresses: ListenAddress[]
  /** Stops listening and ends every connection; idle ones at once, busy ones after `graceMs`. */
  close(graceMs: number): Promise<void>
}

const maxHeaderBytes = 64 * 1024
/** How long an idle HTTP/1.1 connection is kept for the next request (upstream: secure_serving.go, IdleTimeout). */
const idleTimeoutMs = 90_000
const unavailable = new Set(['EADDRINUSE', 'EACCES'])

/** Creates a listener that hands requests and upgrades on. */
export function createListener(options: {
  certificates: ServingCertificates
  onRequest: (request: HttpRequest, response: HttpResponse) => void
  onUpgrade: UpgradeHandler
  /** Told of connections that end before TLS is agreed on. */
  onHandshakeError?: () => void
  log: Logger
}): Listener {
  const { certificates, log } = options
  const servers = new Map<Http2SecureServer, ListenAddress>()
  const connections = new Set<Duplex>()
  const sessions = new Set<ServerHttp2Session>()

  function tlsContext(): { cert: string; key: string; ca: string } {
    const { certificate, key } = certificates.current()
    return { cert: certificate, key, ca: certificates.clientCa }
  }
  function createServer(): Http2SecureServer {
    const server = createSecureServer({
      ...tlsContext(),
      allowHTTP1: true,
      requestCert: true,
      // Clients without a certificate may have a token; the authentication filter judges both.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      maxHeaderSize: maxHeaderBytes,
      // Or a small write waits for the answer to the one before, up to 40 ms (Nagle and delayed acknowledgement).
      noDelay: true,
      keepAliveTimeout: idleTimeoutMs,
      maxSessionMemory: 1024,
      // Larger than what is accepted, so that a request beyond it is answered and not cut off.
      settings: {
        maxConcurrentStreams: 1000,
        initialWindowSize: 1024 * 1024,
        maxHeaderListSize: 1024 * 1024,
      },
    } as Parameters<typeof createSecureServer>[0])
    server.on('request', options.onRequest)
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void options.onUpgrade(request, socket, head)
    })
    const keep = (socket: Duplex): void => {
      connections.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => connections.delete(socket))
    }
    // Also what has not spoken TLS yet, and may never: the server closes when the last of them is gone.
    server.on('connection', keep)
    server.on('secureConnection', keep)
    server.on('session', (session) => {
      sessions.add(session)
      session.on('error', (error) => log.debug('HTTP/2 session failed', { error }))
      session.once('close', () => sessions.delete(session))
    })
    server.on('clientError', answerMalformed)
    server.on('tlsClientError', (error: Error) => {
      options.onHandshakeError?.()
      log.debug('TLS handshake failed', { reason: error.message })
    })
    server.on('sessionError', (error: Error) => log.debug('HTTP/2 session failed', { error }))
    return server
  }
  const renewal = certificates.onRenewed(() => {
    for (const server of servers.keys()) server.setSecureContext(tlsContext())
  })

  return {
    get addresses() {
      return [...servers.values()]
    },
    async listen(host, port) {
      const server = createServer()
      try {
        await listenOn(server, host, port)
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException
        if (port === 0 || !unavailable.has(code)) throw error
        log.warn('port cannot be had; taking a free one', { host, port, code })
        await listenOn(server, host, 0)
      }
      const address = { host, port: (server.address() as AddressInfo).port }
      servers.set(server, address)
      return address
    },
    async close(graceMs) {
      renewal[Symbol.dispose]()
      const closed = [...servers.keys()].map(
        (server) => new Promise<void>((resolve) => server.close(() => resolve())),
      )
      for (const session of sessions) session.close()
      const cut = setTimeout(() => {
        for (const connection of connections) connection.destroy()
      }, graceMs)
      await Promise.all(closed)
      clearTimeout(cut)
      servers.clear()
    },
  }
}

async function listenOn(server: Http2SecureServer, host: string, port: number): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

/** Answers a request that is no HTTP, or whose headers are too large, with a Status as far as that is possible. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const code = tooLarge ? 431 : 400
  const message = tooLarge ? 'request header fields too large' : 'the request is not valid HTTP'
  const reason = tooLarge ? 'RequestHeaderFieldsTooLarge' : 'BadRequest'
  const body = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  })
  socket.end(
    `HTTP/1.1 ${code} ${tooLarge ? 'Request Header Fields Too Large' : 'Bad Request'}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
