import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { StatusError } from '../../api/status.ts'
import type { Logger } from '../../util/logger.ts'
import type { KubeletAccess } from './kubelet-access.ts'
import { parseKubeletPath, type KubeletRequest } from './kubelet-path.ts'

/** What TLS needs; PEM. The clients' authority decides which certificates prove a name. */
export interface KubeletCertificates {
  clientCa: string
  current: { certificate: string; key: string }
  onRenewed(listener: () => void): Disposable
}

/** Answers one request that was let in. Failures are StatusErrors. */
export type KubeletHandler = (request: KubeletRequest, response: ServerResponse) => Promise<void>

/** Serves exec, attach and port-forward over an upgrade that was let in. Never rejects. */
export type KubeletStreams = (
  request: KubeletRequest,
  upgrade: { request: IncomingMessage; socket: Duplex; head: Buffer },
) => Promise<void>

export interface KubeletServerOptions {
  certificates: KubeletCertificates
  access: KubeletAccess
  handle: KubeletHandler
  streams: KubeletStreams
  host: string
  /** A second address to listen on, for pods. */
  podHost?: string
  log: Logger
}

/** The node's own HTTPS API, listening. */
export interface KubeletServer {
  readonly address: { host: string; port: number }
  /** Where pods come to, when that is another place. */
  readonly podAddress?: { host: string; port: number }
  close(): Promise<void>
}

/** Listens on a free port (upstream: pkg/kubelet/server). Nobody is let in whom the API server does not vouch for. */
export async function startKubeletServer(options: KubeletServerOptions): Promise<KubeletServer> {
  const { certificates, access, log } = options
  const sockets = new Set<Duplex>()
  const context = (): { cert: string; key: string; ca: string } => ({
    cert: certificates.current.certificate,
    key: certificates.current.key,
    ca: certificates.clientCa,
  })
  const server = createServer(
    { ...context(), requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' },
    (request, response) => void answer(request, response),
  )
  const renewal = certificates.onRenewed(() => server.setSecureContext(context()))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const asked = parseKubeletPath(request)
      await access.admit(request, asked)
      await options.handle(asked, response)
    } catch (error) {
      const { code, message } = textOf(error, log)
      if (response.headersSent) response.destroy()
      else response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`)
    }
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => undefined)
    try {
      const asked = parseKubeletPath(request)
      await access.admit(request, asked)
      await options.streams(asked, { request, socket, head })
    } catch (error) {
      const { code, message } = textOf(error, log)
      const body = `${message}\n`
      socket.end(
        `HTTP/1.1 ${code} ${code === 401 ? 'Unauthorized' : 'Refused'}\r\ncontent-type: text/plain\r\n` +
          `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      )
    }
  }

  server.on(
    'upgrade',
    (request: IncomingMessage, socket: Duplex, head: Buffer) => void upgrade(request, socket, head),
  )
  const keep = (socket: Duplex): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  }
  // Also what has not spoken TLS yet, and may never: the server closes when the last of them is gone.
  server.on('connection', keep)
  server.on('secureConnection', keep)
  server.on('tlsClientError', (error: Error) => log.debug('TLS handshake failed', { reason: error.message }))
  const address = await listen(server, options.host)
  // One server cannot listen twice: what comes to the other address is handed over before TLS begins.
  const forPods = createTcpServer((socket: Socket) => void server.emit('connection', socket))
  let podAddress: KubeletServer['podAddress']
  try {
    if (options.podHost !== undefined) podAddress = await listen(forPods, options.podHost)
  } catch (error) {
    server.close()
    throw error
  }
  return {
    address,
    ...(podAddress && { podAddress }),
    async close() {
      renewal[Symbol.dispose]()
      forPods.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function listen(server: Server, host: string): Promise<{ host: string; port: number }> {
  server.listen(0, host)
  await once(server, 'listening')
  return { host, port: (server.address() as AddressInfo).port }
}

function textOf(error: unknown, log: Logger): { code: number; message: string } {
  if (error instanceof StatusError) return { code: error.code, message: error.message }
  log.warn('a request to the kubelet failed', { error })
  return { code: 500, message: (error as Error).message }
}
