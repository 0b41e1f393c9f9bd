import type { Service, ServicePort } from '../api/generated/core-v1.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import { needsHealthCheck } from '../api/service-traffic.ts'
import { internalError, invalid } from '../api/status.ts'
import { invalidValue } from '../api/field-errors.ts'
import type { FieldError } from '../api/status.ts'
import type { Clock } from '../util/clock.ts'
import { parseIpv4Range } from './ipv4-range.ts'
import type { Ipv4Range } from './ipv4-range.ts'
import { keepAllocated, needsClusterIp, needsNodePorts, normalizeClusterIps } from './service-fields.ts'
import { initIpFamilies } from './service-families.ts'
import { ownerOf, pickFree, ServicePool } from './service-pool.ts'

/** What other API servers over the same store have given out. */
export interface SharedReservations {
  /** Takes values for a Service until it is stored; all or none. Gives those that others have, with who. */
  claim(values: readonly string[], owner: string): Promise<Map<string, string>>
  /** Forgets the claims of a Service that is stored: it holds its values itself. */
  release(owner: string): Promise<void>
}

export interface ServiceAllocationOptions {
  /** The stored Services, as new as can be had. */
  listServices: () => Promise<Service[]>
  /** Absent where this is the only API server. */
  shared?: SharedReservations | undefined
  clock: Clock
  /** Default `10.96.0.0/16`. */
  clusterIpRange?: string
  /** First and last node port. Default 30000 and 32767. */
  nodePortRange?: { first: number; last: number }
}

/** Each finds more of what others took. */
const maxAttempts = 20

interface Request {
  service: Service
  old: Service | undefined
  owner: string
  ips: Map<string, string>
  ports: Map<number, string>
  /** What this request takes newly. */
  newIps: string[]
  newPorts: number[]
  errors: FieldError[]
}

/**
 * Gives Services their cluster IPs and node ports, and checks those that are asked for: 422 when taken or out of range
 * (upstream: pkg/registry/core/service/storage/alloc.go). What is given out stays taken until the Service is stored or
 * half a minute has passed, so that two requests at once never get the same; deleting a Service frees its own.
 */
export function createServiceAllocation(options: ServiceAllocationOptions): AdmissionPlugin {
  const { listServices, shared, clock, nodePortRange = { first: 30_000, last: 32_767 } } = options
  const range = parseIpv4Range(options.clusterIpRange ?? '10.96.0.0/16')
  const ipPool = new ServicePool<string>(clock, ({ spec }) => spec.clusterIPs ?? [])
  const portPool = new ServicePool<number>(clock, nodePortsOf)

  return {
    name: 'ServiceAllocation',
    isNotReinvoked: true,
    async admit({ operation, resource, subresource, object, oldObject, context }) {
      if (resource.group !== '' || resource.resource !== 'services' || subresource) return
      if (operation === 'DELETE' && oldObject && !context.dryRun)
        await shared?.release(ownerOf(oldObject as Service))
      if (!object) return
      if (operation !== 'CREATE' && operation !== 'UPDATE') return
      const service = object as Service
      const old = oldObject as Service | undefined
      if (old) keepAllocated(service, old)
      normalizeClusterIps(service, old)
      if (service.spec.type === 'ExternalName') return
      const problems = initIpFamilies(service, old)
      if (problems.length > 0) throw invalid({ group: '', kind: 'Service' }, service.metadata.name, problems)
      const asked = shared && structuredClone(service.spec)
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const request = allocate(service, old, await listServices())
        if (context.dryRun) return
        ipPool.reserve(request.newIps, request.owner)
        portPool.reserve(request.newPorts, request.owner)
        if (!shared || (await claimShared(shared, request))) return
        service.spec = structuredClone(asked!)
      }
      throw internalError('failed to allocate: other API servers took what was to be given')
    },
  }

  /** Nothing is awaited between this and the reservation: that is what makes it free of races. */
  function allocate(service: Service, old: Service | undefined, services: Service[]): Request {
    const request: Request = {
      service,
      old,
      owner: ownerOf(service),
      ips: ipPool.taken(services),
      ports: portPool.taken(services),
      newIps: [],
      newPorts: [],
      errors: [],
    }
    allocateClusterIp(request, range)
    if (needsNodePorts(service)) allocateNodePorts(request, nodePortRange)
    if (needsHealthCheck(service.spec)) allocateHealthCheckPort(request, nodePortRange)
    if (request.errors.length > 0) {
      throw invalid({ group: '', kind: 'Service' }, service.metadata.name, request.errors)
    }
    return request
  }

  /**
   * Whether the request has all that it takes newly, among all servers. The second list shows what somebody has stored, and
   * released, since the first.
   */
  async function claimShared(claims: SharedReservations, request: Request): Promise<boolean> {
    const { owner, newIps, newPorts } = request
    const values = [...newIps, ...newPorts.map(String)]
    if (values.length === 0) return true
    const conflicts = await claims.claim(values, owner)
    for (const [value, holder] of conflicts) {
      if (newIps.includes(value)) ipPool.reserve([value], holder)
      else portPool.reserve([Number(value)], holder)
    }
    if (conflicts.size > 0) return false
    const services = await listServices()
    return services.every(
      (service) =>
        ownerOf(service) === owner ||
        !(
          (service.spec.clusterIPs ?? []).some((ip) => newIps.includes(ip)) ||
          nodePortsOf(service).some((port) => newPorts.includes(port))
        ),
    )
  }
}

function allocateClusterIp(request: Request, range: Ipv4Range): void {
  const { service, old, owner, ips } = request
  const { spec } = service
  if (!needsClusterIp(service)) return
  const wanted = spec.clusterIPs?.[0]
  if (!wanted) {
    const found = pickFree(range.size, Math.min(Math.max(16, range.size / 16), 256) + 1, (offset) => {
      const ip = range.at(offset)
      return range.includes(ip) && !ips.has(ip) ? ip : undefined
    })
    if (!found) throw internalError('failed to allocate a serviceIP: range is full')
    spec.clusterIP = found
    spec.clusterIPs = [found]
    request.newIps.push(found)
    return
  }
  // A change of an address once set is for validation to refuse.
  if (old?.spec.clusterIPs?.[0]) return
  let why: string | undefined
  if (!range.includes(wanted)) {
    why = `the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${range.cidr}`
  } else if (ips.has(wanted) && ips.get(wanted) !== owner) why = 'provided IP is already allocated'
  if (why) {
    const text = `failed to allocate IP ${wanted}: ${why}`
    request.errors.push(invalidValue('spec.clusterIPs', spec.clusterIPs, text))
  } else request.newIps.push(wanted)
}

function allocateNodePorts(request: Request, range: { first: number; last: number }): void {
  const { service, owner, ports } = request
  const given = new Map<string, number>()
  const free = (port: number): boolean => {
    const holder = ports.get(port)
    return (holder === undefined || holder === owner) && ![...given.values()].includes(port)
  }
  const fail = (at: number, port: ServicePort, why: string): void => {
    request.errors.push(invalidValue(`spec.ports[${at}].nodePort`, port.nodePort, why))
  }
  const allPorts = service.spec.ports ?? []
  for (const [at, port] of allPorts.entries()) {
    if (!port.nodePort) continue
    const shared = [...given].some(
      ([place, number]) => number === port.nodePort && !place.startsWith(`${port.protocol}/`),
    )
    if (port.nodePort < range.first || port.nodePort > range.last) {
      const bounds = `${range.first}-${range.last}`
      fail(at, port, `provided port is not in the valid range. The range of valid ports is ${bounds}`)
    } else if (!shared && !free(port.nodePort)) fail(at, port, 'provided port is already allocated')
    given.set(`${port.protocol}/${port.port}`, port.nodePort)
  }
  for (const port of allPorts) {
    if (port.nodePort) continue
    // TCP and UDP of one port number share a node port.
    const twin = [...given].find(([place]) => place.endsWith(`/${port.port}`))
    const found =
      twin?.[1] ??
      pickFree(range.last - range.first + 1, 86, (offset) =>
        !ports.has(range.first + offset) && free(range.first + offset) ? range.first + offset : undefined,
      )
    if (found === undefined) throw internalError('failed to allocate a nodePort: range is full')
    port.nodePort = found
    given.set(`${port.protocol}/${port.port}`, found)
  }
  request.newPorts.push(...given.values())
}

/** The port at which nodes say whether they have endpoints (upstream: alloc.go initHealthCheckNodePort). */
function allocateHealthCheckPort(request: Request, range: { first: number; last: number }): void {
  const { service, owner, ports, newPorts } = request
  const { spec } = service
  const isFree = (port: number): boolean =>
    (!ports.has(port) || ports.get(port) === owner) && !newPorts.includes(port)
  const wanted = spec.healthCheckNodePort
  if (wanted) {
    const fits = wanted >= range.first && wanted <= range.last
    if (fits && isFree(wanted)) return void newPorts.push(wanted)
    const bounds = `${range.first}-${range.last}`
    const why = fits
      ? 'provided port is already allocated'
      : `provided port is not in the valid range. The range of valid ports is ${bounds}`
    throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`)
  }
  const found = pickFree(range.last - range.first + 1, 86, (offset) =>
    !ports.has(range.first + offset) && isFree(range.first + offset) ? range.first + offset : undefined,
  )
  if (found === undefined) throw internalError('failed to allocate a HealthCheck NodePort: range is full')
  spec.healthCheckNodePort = found
  newPorts.push(found)
}

function nodePortsOf({ spec }: Service): number[] {
  const ports = (spec.ports ?? []).flatMap(({ nodePort }) => nodePort || [])
  return spec.healthCheckNodePort ? [...ports, spec.healthCheckNodePort] : ports
}
