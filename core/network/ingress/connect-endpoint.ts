import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../../util/clock.ts'
import type { EndpointDialer, EndpointTarget } from '../../util/endpoint-dialer.ts'

export interface ConnectOptions {
  dialer: EndpointDialer
  clock: Clock
}

/** How an endpoint is connected to. */
export interface Connecting {
  target: EndpointTarget
  connectMs: number
  /** What is spoken over TLS, e.g. `h2`; undefined: no TLS. The endpoint's certificate is not looked at, as in nginx. */
  tls: string | undefined
}

/** An endpoint did not let itself be connected to in time. */
export class ConnectTimeout extends Error {}

/** A connection to an endpoint, through TLS where that is wanted. Rejects with ConnectTimeout when it takes too long. */
export async function connectEndpoint(
  { dialer, clock }: ConnectOptions,
  { target, connectMs, tls }: Connecting,
): Promise<Duplex> {
  let isLate = false
  let timer: Disposable | undefined
  const late = new Promise<never>((_, reject) => {
    timer = clock.after(connectMs, () => {
      isLate = true
      reject(new ConnectTimeout(`${target.ip}:${target.port} did not answer within ${connectMs / 1000} s`))
    })
  })
  const connecting = dialer.dialEndpoint(target).then(async (stream) => {
    if (isLate) stream.destroy()
    return tls === undefined || isLate ? stream : secured(stream, tls)
  })
  try {
    return await Promise.race([connecting, late])
  } finally {
    timer?.[Symbol.dispose]()
  }
}

function secured(stream: Duplex, protocol: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      // Node takes any duplex stream here, though its types say otherwise.
      socket: stream as Socket,
      rejectUnauthorized: false,
      ALPNProtocols: [protocol],
    })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
