import type { Duplex } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import { SpdyConnection } from '../../util/spdy/connection.ts'
import { serviceUnavailable, type StatusError } from '../../api/status.ts'
import { readText, statusErrorOf, unreachable, type Upstream } from '../upstream.ts'

/** A byte stream to a port of a pod, through the API server. */
export interface PodConnection {
  stream: Duplex
  /** Resolves with what the server says when the port cannot be reached, or undefined at an ordinary end. */
  failure: Promise<string | undefined>
}

const maxErrorBytes = 64 * 1024

/**
 * Opens a port-forward to one pod over SPDY, which every Kubernetes serves. One connection per stream, so that a slow one
 * holds up no other. Throws StatusErrors.
 */
export async function connectToPod(
  upstream: Upstream,
  target: { namespace: string; pod: string; port: number },
  clock: Clock,
): Promise<PodConnection> {
  const { namespace, pod, port } = target
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward`
  const transport = await upgradeToSpdy(upstream, path)
  const connection = new SpdyConnection({ transport, role: 'client', clock })
  const headers = { port: String(port), requestid: '0' }
  const errors = connection.openStream({ streamtype: 'error', ...headers })
  errors.end()
  const stream = connection.openStream({ streamtype: 'data', ...headers })
  stream.once('close', () => connection.close())
  const failure = readText(errors, maxErrorBytes).then(
    (text) => text || undefined,
    // The connection went away under it, which the data stream shows as well.
    () => undefined,
  )
  return { stream, failure }
}

function upgradeToSpdy(upstream: Upstream, path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = upstream.prepare({
      path,
      method: 'POST',
      headers: {
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': 'portforward.k8s.io',
      },
    })
    request.once('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.once('response', (response) => {
      const code = response.statusCode ?? 500
      readText(response, maxErrorBytes).then(
        (text) => reject(refused(code, text)),
        (error: unknown) => reject(error),
      )
    })
    request.once('error', (error) => reject(unreachable(upstream.cluster, error)))
    request.end()
  })
}

function refused(code: number, text: string): StatusError {
  if (code >= 400) return statusErrorOf(code, text)
  return serviceUnavailable(`the API server answered ${code} instead of switching to SPDY`)
}
