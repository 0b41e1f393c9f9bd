import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { LocalPort, LocalPortOptions } from './local-port.ts'

/** How long a client may be silent before its next datagram counts as a new connection, as the kernel's nf_conntrack_udp_timeout_stream. */
const idleMs = 120_000
/** A flow that waits for its endpoint drops what is more than this, as a full socket buffer would. */
const maxWaiting = 64

interface Flow {
  upstream: Socket | undefined
  waiting: Buffer[]
  expiry: Disposable
}

/**
 * Opens a UDP port that leads to a Service: each client has a socket of its own towards one endpoint until it was silent for two
 * minutes. Rejects where the port cannot be bound.
 */
export async function openUdpPort(options: LocalPortOptions): Promise<LocalPort> {
  const { balancer, dialer, key, servicePort, accepts, clock, log } = options
  const flows = new Map<string, Flow>()
  const server = createSocket('udp4')

  function end(client: string): void {
    const flow = flows.get(client)
    flows.delete(client)
    flow?.expiry[Symbol.dispose]()
    flow?.upstream?.close()
  }

  async function begin(client: string, from: RemoteInfo, flow: Flow): Promise<void> {
    try {
      const target = balancer.choose({ key, port: servicePort, client: from.address })
      if (!target) throw new Error('no endpoint')
      const upstream = await dialer.dialDatagrams(target)
      if (flows.get(client) !== flow) return void upstream.close()
      upstream.on('message', (answer) => server.send(answer, from.port, from.address, () => undefined))
      // Nobody listens there any more: the next datagram finds another endpoint.
      upstream.on('error', () => end(client))
      flow.upstream = upstream
      for (const datagram of flow.waiting.splice(0)) upstream.send(datagram, () => undefined)
    } catch (error) {
      log.debug('a datagram was not taken', { service: key, port: options.port, error: String(error) })
      if (flows.get(client) === flow) end(client)
    }
  }

  server.on('message', (datagram, from) => {
    if (accepts && !accepts(from.address)) return
    const client = `${from.address}:${from.port}`
    const known = flows.get(client)
    known?.expiry[Symbol.dispose]()
    const expiry = clock.after(idleMs, () => end(client))
    if (known) {
      known.expiry = expiry
      if (known.upstream) known.upstream.send(datagram, () => undefined)
      else if (known.waiting.length < maxWaiting) known.waiting.push(datagram)
      return
    }
    const flow: Flow = { upstream: undefined, waiting: [datagram], expiry }
    flows.set(client, flow)
    void begin(client, from, flow)
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.bind({ port: options.port, address: options.host, exclusive: true }, () => {
      server.off('error', reject)
      server.on('error', (error) => log.debug('UDP port', { port: options.port, error }))
      resolve()
    })
  })
  return {
    close() {
      for (const client of [...flows.keys()]) end(client)
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
