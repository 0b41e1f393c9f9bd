import { createServer, type Server, type Socket } from 'node:net'
import type { Service } from '../api/generated/core-v1.ts'
import { joinStreams } from '../util/join-streams.ts'
import type { Logger } from '../util/logger.ts'
import type { ServiceDialer } from '../util/service-dialer.ts'
import type { ServiceIndex } from './service-index.ts'

export interface NodePortsOptions {
  services: ServiceIndex
  dialer: Pick<ServiceDialer, 'dialService'>
  /** Addresses of this machine that node ports are open on. */
  hosts: readonly string[]
  /** Told why a node port could not be opened, e.g. because another program has it. */
  onProblem(service: Service, message: string): void
  log: Logger
}

interface OpenPort {
  key: string
  servicePort: number
  servers: Server[]
}

/**
 * Opens the node ports of Services (types NodePort and LoadBalancer) on this machine, as kube-proxy does on each node: a
 * connection goes to one ready endpoint. TCP only. Ends with all its connections when disposed.
 */
export function createNodePorts(options: NodePortsOptions): Disposable {
  const { services, dialer, log } = options
  const open = new Map<number, OpenPort>()
  const sockets = new Set<Socket>()

  async function forward(socket: Socket, { key, servicePort }: OpenPort): Promise<void> {
    const [namespace = '', name = ''] = key.split('/')
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    try {
      const upstream = await dialer.dialService({ namespace, name, port: servicePort })
      if (socket.destroyed) upstream.destroy()
      else await joinStreams(socket, upstream)
    } catch (error) {
      log.debug('no endpoint for a node port', { service: key, error: String(error) })
      socket.resetAndDestroy()
    }
  }

  function listen(nodePort: number, port: OpenPort): void {
    open.set(nodePort, port)
    for (const host of options.hosts) {
      const server = createServer({ allowHalfOpen: true }, (socket) => void forward(socket, port))
      server.on('error', (error: Error) => {
        const service = services.service(port.key)
        if (service) options.onProblem(service, `node port ${nodePort} cannot be opened: ${error.message}`)
      })
      server.listen(nodePort, host)
      port.servers.push(server)
    }
  }

  function close(nodePort: number): void {
    for (const server of open.get(nodePort)?.servers ?? []) server.close()
    open.delete(nodePort)
  }

  function reconcile(key: string): void {
    const wanted = nodePortsOf(services.service(key))
    for (const [nodePort, port] of open) {
      if (port.key === key && wanted.get(nodePort) !== port.servicePort) close(nodePort)
    }
    for (const [nodePort, servicePort] of wanted) {
      if (open.get(nodePort)?.key === key) continue
      // A port that changed hands: the Service that lost it was, or will be, seen without it.
      close(nodePort)
      listen(nodePort, { key, servicePort, servers: [] })
    }
  }

  const subscription = services.onChange(reconcile)
  for (const key of services.keys()) reconcile(key)
  return {
    [Symbol.dispose]() {
      subscription[Symbol.dispose]()
      for (const nodePort of [...open.keys()]) close(nodePort)
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Service ports by node port. */
function nodePortsOf(service: Service | undefined): Map<number, number> {
  const { type, ports = [] } = service?.spec ?? {}
  if (type !== 'NodePort' && type !== 'LoadBalancer') return new Map()
  return new Map(
    ports.flatMap(({ nodePort, port, protocol = 'TCP' }) =>
      nodePort && protocol === 'TCP' ? [[nodePort, port] as const] : [],
    ),
  )
}
