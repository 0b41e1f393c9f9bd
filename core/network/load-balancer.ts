import type { BlockList } from 'node:net'
import type { Service, ServicePort } from '../api/generated/core-v1.ts'
import { listenProblem } from './local-ports/listen-problem.ts'
import { isCarried, type LocalPort, type LocalPortDependencies } from './local-ports/local-port.ts'
import { openLocalPort } from './local-ports/open-local-port.ts'
import { sourceRanges } from './source-ranges.ts'

/** A port of a load balancer, as controllers and users are told of it. */
interface BalancedPort {
  port: number
  protocol: string
  error?: { name: string; message: string }
}

/** The load balancers of a cluster: ports of this machine. */
export interface LoadBalancer {
  /** See LoadBalancerHost in core/controllers. Calls for one Service must not overlap. */
  ensure(service: Service): Promise<{ ip: string; ports: BalancedPort[] }>
  release(key: string): Promise<void>
  /** Closes everything. */
  close(): Promise<void>
}

export interface LoadBalancerOptions extends LocalPortDependencies {
  /** Addresses of this machine, in order of preference. A Service has all its ports at one of them. */
  addresses: readonly string[]
}

interface Entry {
  ip: string
  ports: Map<string, { servicePort: ServicePort; port: LocalPort }>
  /** Callers that may come in; undefined: all. */
  ranges: BlockList | undefined
}

/** The addresses that can be had without any right: on Linux all of 127/8 is this machine, elsewhere one address is. */
export function loopbackAddresses(platform: NodeJS.Platform): string[] {
  if (platform !== 'linux') return ['127.0.0.1']
  return Array.from({ length: 254 }, (_, index) => `127.0.0.${index + 1}`)
}

/**
 * Opens the ports of Services of type LoadBalancer on this machine. A Service gets the first address where none of its ports is in
 * use, and keeps it; where there is none, the first address, with the reason for each port that is missing.
 */
export function createLoadBalancer(options: LoadBalancerOptions): LoadBalancer {
  const { addresses } = options
  const entries = new Map<string, Entry>()

  /** Opens one port; gives the error instead of throwing it. */
  async function open(key: string, entry: Entry, servicePort: ServicePort): Promise<unknown> {
    try {
      const port = await openLocalPort({
        ...options,
        host: entry.ip,
        port: servicePort.port,
        key,
        servicePort,
        accepts: (address) => entry.ranges?.check(address) !== false,
      })
      entry.ports.set(idOf(servicePort), { servicePort, port })
      return undefined
    } catch (error) {
      return error
    }
  }

  async function openAll(
    key: string,
    entry: Entry,
    wanted: readonly ServicePort[],
  ): Promise<Map<string, unknown>> {
    const errors = new Map<string, unknown>()
    for (const servicePort of wanted) {
      if (entry.ports.has(idOf(servicePort))) continue
      const error = await open(key, entry, servicePort)
      if (error !== undefined) errors.set(idOf(servicePort), error)
    }
    return errors
  }

  /** The first address where no port is taken; else the first one with what could be opened there. */
  async function place(
    service: Service,
    wanted: readonly ServicePort[],
  ): Promise<{ entry: Entry; errors: Map<string, unknown> }> {
    const key = keyOf(service)
    const preferred = [service.status?.loadBalancer?.ingress?.[0]?.ip, service.spec?.loadBalancerIP]
    const order = new Set([...addresses.filter((ip) => preferred.includes(ip)), ...addresses])
    for (const ip of order) {
      const entry: Entry = { ip, ports: new Map(), ranges: undefined }
      const errors = await openAll(key, entry, wanted)
      if (![...errors.values()].some(isInUse)) return { entry, errors }
      await closeAll(entry)
    }
    const entry: Entry = { ip: addresses[0] ?? '127.0.0.1', ports: new Map(), ranges: undefined }
    return { entry, errors: await openAll(key, entry, wanted) }
  }

  async function describe(entry: Entry, servicePort: ServicePort, error: unknown): Promise<BalancedPort> {
    const { port, nodePort, protocol = 'TCP' } = servicePort
    if (!isCarried(servicePort)) {
      const message = `port ${port}: ${protocol} is not carried`
      return { port, protocol, error: { name: 'wheelhouse.io/ProtocolNotSupported', message } }
    }
    if (error === undefined) return { port, protocol }
    const problem = await listenProblem(error, { host: entry.ip, port, protocol: protocol as 'TCP' | 'UDP' })
    const name = isInUse(error) ? 'wheelhouse.io/PortInUse' : 'wheelhouse.io/PortNotOpened'
    const hint = nodePort ? `; its node port 127.0.0.1:${nodePort} leads to the Service too` : ''
    return { port, protocol, error: { name, message: problem + hint } }
  }

  return {
    async ensure(service) {
      const key = keyOf(service)
      const ports = service.spec?.ports ?? []
      const wanted = ports.filter(isCarried)
      const known = entries.get(key)
      if (known) await closeOthers(known, wanted)
      const { entry, errors } =
        known && known.ports.size > 0
          ? { entry: known, errors: await openAll(key, known, wanted) }
          : await place(service, wanted)
      entry.ranges = rangesOf(service)
      entries.set(key, entry)
      return {
        ip: entry.ip,
        ports: await Promise.all(
          ports.map((servicePort) => describe(entry, servicePort, errors.get(idOf(servicePort)))),
        ),
      }
    },
    async release(key) {
      const entry = entries.get(key)
      entries.delete(key)
      if (entry) await closeAll(entry)
    },
    async close() {
      const all = [...entries.values()]
      entries.clear()
      await Promise.all(all.map(closeAll))
    },
  }
}

async function closeAll(entry: Entry): Promise<void> {
  const all = [...entry.ports.values()]
  entry.ports.clear()
  await Promise.all(all.map(({ port }) => port.close()))
}

/** Closes what the Service does not ask for any more, or asks to lead elsewhere. */
async function closeOthers(entry: Entry, wanted: readonly ServicePort[]): Promise<void> {
  for (const [id, { servicePort, port }] of entry.ports) {
    if (wanted.some((one) => idOf(one) === id && (one.name ?? '') === (servicePort.name ?? ''))) continue
    entry.ports.delete(id)
    await port.close()
  }
}

function rangesOf({ spec }: Service): BlockList | undefined {
  const ranges = spec?.loadBalancerSourceRanges ?? []
  if (ranges.length === 0) return undefined
  return sourceRanges(ranges)
}

function isInUse(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
}

function idOf({ port, protocol = 'TCP' }: ServicePort): string {
  return `${port}/${protocol}`
}

function keyOf({ metadata: { namespace = '', name } }: Service): string {
  return `${namespace}/${name}`
}
