import { Agent, request, type RequestOptions } from 'node:https'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { failure, serviceUnavailable, StatusError, type Status } from '../api/status.ts'
import type { GatewayCluster } from './gateway-cluster.ts'

export interface UpstreamRequest {
  /** Path and query at the API server, beginning with `/api`, `/apis` … */
  path: string
  method?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** The API server of one cluster over HTTPS, with the cluster's credentials. */
export interface Upstream {
  readonly cluster: GatewayCluster
  readonly agent: Agent
  /** TLS settings and `Authorization` for requests made elsewhere. */
  credentials(): { tls: TlsCredentials; headers: Record<string, string> }
  /** An answer with its body unread. Throws StatusErrors: the server's own, or 503 when it cannot be reached. */
  open(request: UpstreamRequest): Promise<IncomingMessage>
  /** A JSON answer. Throws as `open` does. */
  json<T>(request: UpstreamRequest): Promise<T>
  /** A request not yet sent, for upgrades; without a kept connection. */
  prepare(request: UpstreamRequest): ClientRequest
  close(): void
}

export interface TlsCredentials {
  ca?: Buffer | string
  cert?: Buffer | string
  key?: Buffer | string
}

const maxJsonBytes = 256 * 1024 * 1024

/** Creates the upstream of one cluster. */
export function createUpstream(cluster: GatewayCluster): Upstream {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 16 })

  function credentials(): { tls: TlsCredentials; headers: Record<string, string> } {
    const { ca, clientCert, clientKey, token } = cluster
    const tls: TlsCredentials = {
      ...(ca !== undefined && { ca }),
      ...(clientCert !== undefined && { cert: clientCert }),
      ...(clientKey !== undefined && { key: clientKey }),
    }
    return { tls, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }
  }

  function optionsFor(call: UpstreamRequest): RequestOptions {
    const server = new URL(cluster.server)
    const { tls, headers } = credentials()
    return {
      ...tls,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || 443,
      path: server.pathname.replace(/\/$/, '') + call.path,
      method: call.method ?? 'GET',
      headers: {
        accept: 'application/json',
        'user-agent': 'wheelhouse-gateway',
        ...call.headers,
        ...headers,
      },
      ...(call.signal && { signal: call.signal }),
    }
  }

  async function open(call: UpstreamRequest): Promise<IncomingMessage> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request({ ...optionsFor(call), agent }, resolve)
      outgoing.once('error', (error: NodeJS.ErrnoException) => reject(unreachable(cluster, error)))
      outgoing.end()
    })
    const code = response.statusCode ?? 500
    if (code >= 400) throw statusErrorOf(code, await readText(response, 1024 * 1024))
    return response
  }

  return {
    cluster,
    agent,
    credentials,
    open,
    async json<T>(call: UpstreamRequest): Promise<T> {
      return JSON.parse(await readText(await open(call), maxJsonBytes)) as T
    },
    prepare: (call) => request({ ...optionsFor(call), agent: false }),
    close: () => agent.destroy(),
  }
}

/** 503 for a server that gives no answer, with the reason in words. */
export function unreachable(cluster: GatewayCluster, error: NodeJS.ErrnoException): StatusError {
  const why = error.message || error.code || 'no answer'
  return serviceUnavailable(`the API server of cluster "${cluster.name}" cannot be reached: ${why}`)
}

/** A failed answer as a StatusError: the server's own Status, or one made of its text. */
export function statusErrorOf(code: number, text: string): StatusError {
  try {
    const body = JSON.parse(text) as Partial<Status> | null
    if (body?.kind === 'Status' && body.status === 'Failure')
      return new StatusError({ ...(body as Status), code })
  } catch {
    // Not JSON; the text itself is the message.
  }
  return failure(code, 'Unknown', text.trim().slice(0, 1000) || `the API server answered ${code}`)
}

/** The body as UTF-8. Throws beyond `limit` bytes. */
export async function readText(stream: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > limit) throw failure(413, 'RequestEntityTooLarge', `more than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
