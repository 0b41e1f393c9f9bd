import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../util/logger.ts'
import type { HostAddress } from './host-address.ts'
import type { HostEntries } from './host-entries.ts'
import { listen } from './local-ports/tcp-port.ts'
import type { ServiceIndex } from './service-index.ts'

export interface HealthCheckPortsOptions {
  node: { name: string; ip: string }
  /** How pods reach this process. */
  host: HostAddress
  services: ServiceIndex
  hostEntries: HostEntries
  log: Logger
}

/** Ends with `close`, which resolves when nothing listens any more. */
export interface HealthCheckPorts {
  close(): Promise<void>
}

interface OpenPort {
  port: number
  server: Server
  /** The port of this process; undefined until it listens. */
  listensAt?: number
}

/**
 * Answers at the health check node ports of Services of externalTrafficPolicy Local, at the node's address, whether the node has
 * ready endpoints of the Service: 200 or 503, for load balancers from outside (upstream: pkg/proxy/healthcheck/service_health.go).
 */
export function createHealthCheckPorts(options: HealthCheckPortsOptions): HealthCheckPorts {
  const { node, host, services, hostEntries, log } = options
  const open = new Map<string, OpenPort>()
  const closing = new Set<Promise<void>>()

  function tell(): void {
    const entries = [...open.values()].flatMap(({ port, listensAt }) =>
      listensAt === undefined
        ? []
        : [
            {
              clusterIp: node.ip,
              protocol: 'tcp' as const,
              port,
              endpoints: [`${host.reach}:${listensAt}`],
              affinitySeconds: 0,
            },
          ],
    )
    hostEntries.set(node.name, entries, 'health-checks')
  }

  function close(key: string): void {
    const one = open.get(key)
    if (!one) return
    open.delete(key)
    one.server.closeAllConnections()
    const closed = new Promise<void>((resolve) => one.server.close(() => resolve()))
    closing.add(closed)
    void closed.then(() => closing.delete(closed))
  }

  async function begin(key: string, port: number): Promise<void> {
    const server = createServer((_request, response) => answer(response, key, localEndpoints(key)))
    const one: OpenPort = { port, server }
    open.set(key, one)
    try {
      await listen(server, { host: host.listen, port: 0 })
      one.listensAt = (server.address() as AddressInfo).port
      if (open.get(key) === one) tell()
      else server.close()
    } catch (error) {
      log.warn('a health check node port cannot be opened', { service: key, port, error })
    }
  }

  /** Ready endpoints on the node; one with several ports counts once. */
  function localEndpoints(key: string): number {
    const addresses = services
      .slices(key)
      .flatMap(({ endpoints = [] }) => endpoints)
      .filter(({ nodeName, conditions }) => nodeName === node.name && conditions?.ready !== false)
      .map(({ addresses: [address] }) => address)
    return new Set(addresses).size
  }

  function reconcile(key: string): void {
    const spec = services.service(key)?.spec
    const wanted =
      spec?.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' ? spec.healthCheckNodePort : 0
    const one = open.get(key)
    if ((one?.port ?? 0) === (wanted ?? 0)) return
    close(key)
    if (one) tell()
    if (wanted) void begin(key, wanted)
  }

  const subscription = services.onChange(reconcile)
  for (const key of services.keys()) reconcile(key)
  return {
    async close() {
      subscription[Symbol.dispose]()
      for (const key of [...open.keys()]) close(key)
      hostEntries.set(node.name, [], 'health-checks')
      await Promise.all(closing)
    },
  }
}

function answer(response: ServerResponse, key: string, count: number): void {
  const [namespace = '', name = ''] = key.split('/')
  response.writeHead(count > 0 ? 200 : 503, {
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
    'x-load-balancing-endpoint-weight': String(count),
  })
  const report = { service: { namespace, name }, localEndpoints: count, serviceProxyHealthy: true }
  response.end(JSON.stringify(report, undefined, '\t'))
}
