import { createSocket } from 'node:dgram'
import type { Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { ServiceIndex } from '../service-index.ts'
import { createDnsForwarder } from './dns-forwarder.ts'
import type { ClusterZone } from './dns-records.ts'
import { respond } from './dns-responder.ts'
import { frameTcp, readTcpFrames } from './dns-tcp-frames.ts'

export interface DnsServerOptions {
  services: ServiceIndex
  /** Without a dot at the end. */
  clusterDomain: string
  /** Resolvers for all other names; asked at every query, so that they may change. */
  upstreams: () => string[]
  /** Where to listen, with UDP and TCP on the same port; port 0 takes a free one. */
  listen: { address: string; port: number }
  clock: Clock
  log: Logger
}

/** The cluster's DNS server. */
export interface DnsServer {
  /** Where it listens: what the cluster DNS Service leads to. */
  readonly address: { ip: string; port: number }
  close(): Promise<void>
}

const tcpIdleMs = 10_000
const maxTcpConnections = 256
/** Queries that wait for an upstream at the same time; more are dropped, and asked again by the client. */
const maxPending = 1000

/** Starts the cluster DNS server. Resolves once it answers; rejects when the address cannot be listened on. */
export async function createDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const { log } = options
  const zone: ClusterZone = { services: options.services, domain: options.clusterDomain.toLowerCase() }
  const forwarder = createDnsForwarder({ resolvers: options.upstreams, clock: options.clock })
  const { udp, tcp } = await listenOnBoth(options.listen)
  const connections = new Set<Socket>()
  let pending = 0

  async function handle(
    query: Buffer,
    transport: 'udp' | 'tcp',
    send: (answer: Buffer) => void,
  ): Promise<void> {
    if (pending >= maxPending) return
    pending++
    try {
      const answer = await respond(query, transport, { zone, forwarder })
      if (answer) send(answer)
    } catch (error) {
      log.warn('dns query failed', { error: String(error) })
    } finally {
      pending--
    }
  }

  udp.on('message', (query, client) => {
    void handle(query, 'udp', (answer) => udp.send(answer, client.port, client.address, () => undefined))
  })
  udp.on('error', (error) => log.warn('dns socket failed', { error: error.message }))
  tcp.maxConnections = maxTcpConnections
  tcp.on('connection', (connection) => {
    let open = 0
    let finished = false
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
    connection.on('error', () => connection.destroy())
    connection.setTimeout(tcpIdleMs, () => connection.destroy())
    connection.once('end', () => {
      finished = true
      if (open === 0) connection.end()
    })
    readTcpFrames(connection, (query) => {
      open++
      void handle(query, 'tcp', (answer) => connection.write(frameTcp(answer))).then(() => {
        open--
        if (finished && open === 0) connection.end()
      })
    })
  })

  const { address, port } = udp.address()
  log.info('cluster dns listens', { address, port })
  let closing: Promise<void> | undefined
  return {
    address: { ip: address, port },
    close() {
      closing ??= (async () => {
        for (const connection of connections) connection.destroy()
        const closed = [once(udp, 'close'), once(tcp, 'close')]
        udp.close()
        tcp.close()
        await Promise.all(closed)
      })()
      return closing
    },
  }
}

/** The kernel picks a port for TCP; for UDP it may be taken, then another pair is tried. */
async function listenOnBoth(listen: {
  address: string
  port: number
}): Promise<{ udp: UdpSocket; tcp: Server }> {
  for (let attempt = 1; ; attempt++) {
    const tcp = createServer({ allowHalfOpen: true }).listen(listen.port, listen.address)
    await once(tcp, 'listening')
    const { port } = tcp.address() as AddressInfo
    const udp = createSocket('udp4')
    try {
      udp.bind(port, listen.address)
      await once(udp, 'listening')
      return { udp, tcp }
    } catch (error) {
      udp.close()
      tcp.close()
      if (listen.port !== 0 || attempt === 10) throw error
    }
  }
}
