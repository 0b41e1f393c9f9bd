import type { Service, ServicePort } from '../api/generated/core-v1.ts'
import { listenProblem } from './local-ports/listen-problem.ts'
import { isCarried, type LocalPort, type LocalPortDependencies } from './local-ports/local-port.ts'
import { openLocalPort } from './local-ports/open-local-port.ts'
import type { ServiceIndex } from './service-index.ts'

export interface NodePortsOptions extends LocalPortDependencies {
  services: ServiceIndex
  /** Addresses of this machine that node ports are open on. */
  hosts: readonly string[]
  /** Told why a node port could not be opened, e.g. because another program has it. */
  onProblem(service: Service, message: string): void
}

interface OpenPort {
  key: string
  servicePort: ServicePort
  /** Never rejects; empty where none could be opened. */
  opened: Promise<LocalPort[]>
}

/**
 * Opens the node ports of Services (types NodePort and LoadBalancer) on this machine, as kube-proxy does on each node: a
 * connection, or a client's datagrams, go to one ready endpoint. Ends with all its connections when disposed.
 */
export function createNodePorts(options: NodePortsOptions): Disposable {
  const { services } = options
  /** By port and protocol: `30080/TCP`. */
  const open = new Map<string, OpenPort>()
  /** Ports that were closed; they can be opened again when it resolves. */
  const closing = new Map<string, Promise<void>>()

  async function openAt(
    host: string,
    id: string,
    key: string,
    servicePort: ServicePort,
  ): Promise<LocalPort[]> {
    const at = { host, port: portOf(id), protocol: protocolOf(servicePort) }
    try {
      return [await openLocalPort({ ...options, ...at, key, servicePort })]
    } catch (error) {
      const service = services.service(key)
      if (service) {
        options.onProblem(service, `node port ${at.port} cannot be opened: ${await listenProblem(error, at)}`)
      }
      return []
    }
  }

  function listen(id: string, key: string, servicePort: ServicePort): void {
    const before = closing.get(id) ?? Promise.resolve()
    const opened = before.then(async () => {
      const ports = await Promise.all(options.hosts.map((host) => openAt(host, id, key, servicePort)))
      return ports.flat()
    })
    open.set(id, { key, servicePort, opened })
  }

  function close(id: string): void {
    const port = open.get(id)
    if (!port) return
    open.delete(id)
    const closed = port.opened
      .then((ports) => Promise.all(ports.map((one) => one.close())))
      .then(() => {
        if (closing.get(id) === closed) closing.delete(id)
      })
    closing.set(id, closed)
  }

  function reconcile(key: string): void {
    const wanted = nodePortsOf(services.service(key))
    for (const [id, port] of open) {
      if (port.key === key && !leadsTo(port.servicePort, wanted.get(id))) close(id)
    }
    for (const [id, servicePort] of wanted) {
      if (open.get(id)?.key === key) continue
      // A port that changed hands: the Service that lost it was, or will be, seen without it.
      close(id)
      listen(id, key, servicePort)
    }
  }

  const subscription = services.onChange(reconcile)
  for (const key of services.keys()) reconcile(key)
  return {
    [Symbol.dispose]() {
      subscription[Symbol.dispose]()
      for (const id of [...open.keys()]) close(id)
    },
  }
}

/** Service ports by node port and protocol. */
function nodePortsOf(service: Service | undefined): Map<string, ServicePort> {
  const { type, ports = [] } = service?.spec ?? {}
  if (type !== 'NodePort' && type !== 'LoadBalancer') return new Map()
  return new Map(
    ports.flatMap((port) =>
      port.nodePort && isCarried(port) ? [[`${port.nodePort}/${protocolOf(port)}`, port] as const] : [],
    ),
  )
}

/** Endpoints are found by name, affinity by number. */
function leadsTo(one: ServicePort, other: ServicePort | undefined): boolean {
  return one.port === other?.port && (one.name ?? '') === (other.name ?? '')
}

function protocolOf({ protocol }: ServicePort): 'TCP' | 'UDP' {
  return protocol === 'UDP' ? 'UDP' : 'TCP'
}

function portOf(id: string): number {
  return Number.parseInt(id, 10)
}
