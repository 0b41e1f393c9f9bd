import { Agent, type ClientRequestArgs } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connectEndpoint, type Connecting, type ConnectOptions } from './connect-endpoint.ts'

/** Idle connections kept per endpoint. */
const maxFree = 32
/** How long one is kept: less than servers commonly keep theirs, so that they seldom close first. */
const idleMs = 4_000

export interface EndpointRequest extends ClientRequestArgs {
  connecting: Connecting
}

/** HTTP connections to endpoints, kept for further requests where they are plain sockets. */
export class EndpointAgent extends Agent {
  #connect: ConnectOptions

  constructor(connect: ConnectOptions, options: { keepAlive: boolean }) {
    super({ ...options, maxFreeSockets: maxFree, timeout: options.keepAlive ? idleMs : 0 })
    this.#connect = connect
  }

  // A kept connection is either through TLS or not.
  override getName(options?: ClientRequestArgs): string {
    const { connecting } = (options ?? {}) as Partial<EndpointRequest>
    return `${super.getName(options)}:${connecting?.tls ?? ''}`
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    connectEndpoint(this.#connect, (options as EndpointRequest).connecting).then(
      (stream) => callback?.(null, stream),
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    )
    return undefined
  }

  // What comes through a node's agent is no socket: it has no timeouts and cannot be let go of.
  override keepSocketAlive(stream: Duplex): boolean {
    return stream instanceof Socket && Boolean(super.keepSocketAlive(stream) as unknown)
  }
}
