import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Duplex } from 'node:stream'
import { listen } from '../local-ports/tcp-port.ts'

export interface IngressServerOptions {
  host: string
  /** Tried in this order; 0 is any free one. */
  ports: readonly number[]
  /** Absent: plain HTTP. */
  tls?: {
    /** The certificate for a server name; undefined: the default one. */
    contextFor(serverName: string): SecureContext | undefined
    defaultCertificate: { certificate: string; key: string }
  }
  onRequest(request: IncomingMessage, response: ServerResponse): void
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** A server that listens; closing ends its connections. */
export interface IngressServer {
  port: number
  close(): Promise<void>
}

/** Opens the first of the ports that can be had; with TLS also for HTTP/2. Rejects only where none can. */
export async function openIngressServer(options: IngressServerOptions): Promise<IngressServer> {
  let problem: unknown
  for (const port of options.ports) {
    const { server, connections } = create(options)
    try {
      await listen(server, { host: options.host, port })
      return {
        port: (server.address() as AddressInfo).port,
        close() {
          for (const connection of connections) connection.destroy()
          return new Promise((resolve) => server.close(() => resolve()))
        },
      }
    } catch (error) {
      problem = error
    }
  }
  throw problem
}

function create({ tls, onRequest, onUpgrade }: IngressServerOptions): {
  server: Server
  connections: Set<Duplex>
} {
  const server: Server = tls
    ? createSecureServer({
        allowHTTP1: true,
        cert: tls.defaultCertificate.certificate,
        key: tls.defaultCertificate.key,
        SNICallback: (serverName, callback) => callback(null, tls.contextFor(serverName)),
        // The compatibility interface has what is used here of HTTP/1's.
      }).on('request', (request, response) =>
        onRequest(request as unknown as IncomingMessage, response as unknown as ServerResponse),
      )
    : // A proxy does not know how long an upload takes.
      createHttpServer({ requestTimeout: 0 }, onRequest)
  server.on('upgrade', onUpgrade)
  const connections = new Set<Duplex>()
  server.on('connection', (connection: Duplex) => {
    connections.add(connection)
    connection.on('error', () => connection.destroy())
    connection.once('close', () => connections.delete(connection))
  })
  return { server, connections }
}

/** The secure context of a Secret's certificate; undefined where it is none. */
export function secureContextOf(data: Record<string, string> | undefined): SecureContext | undefined {
  const cert = data?.['tls.crt']
  const key = data?.['tls.key']
  if (!cert || !key) return undefined
  try {
    return createSecureContext({ cert: Buffer.from(cert, 'base64'), key: Buffer.from(key, 'base64') })
  } catch {
    return undefined
  }
}
