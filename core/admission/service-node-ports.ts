import type { Service, ServicePort } from '../api/generated/core-v1.ts'
import { invalidValue } from '../api/field-errors.ts'
import { needsHealthCheck } from '../api/service-traffic.ts'
import { internalError, invalid } from '../api/status.ts'
import type { FieldError } from '../api/status.ts'
import type { Clock } from '../util/clock.ts'
import type { AddressScope } from './cluster-ip-observer.ts'
import type { NodePortObserver } from './node-port-observer.ts'
import { needsNodePorts } from './service-fields.ts'
import { ownerOf, pickFree, ServicePool } from './service-pool.ts'

/** What other API servers over the same store have given out. */
export interface SharedReservations {
  /** Takes values for a Service until it is stored; all or none. Gives those that others have, with who. */
  claim(values: readonly string[], owner: string): Promise<Map<string, string>>
  /** Forgets the claims of a Service that is stored: it holds its values itself. */
  release(owner: string): Promise<void>
}

export interface NodePortsOptions {
  /** The stored Services, as new as can be had. */
  listServices: () => Promise<Service[]>
  /** Absent where this is the only API server. */
  shared: SharedReservations | undefined
  clock: Clock
  /** First and last node port. */
  range: PortRange
  observer?: NodePortObserver | undefined
}

export interface NodePorts {
  /**
   * Gives a Service the node ports it needs. What is answered has to be called when its request has ended, stored or not. Throws a
   * StatusError for a port that is not to be had, or when none is left.
   */
  allocate(service: Service, old: Service | undefined, dryRun: boolean): Promise<() => void>
}

const nothing = (): void => undefined
/** Each finds more of what others took. */
const maxAttempts = 20

interface PortRange {
  first: number
  last: number
}

interface PortRanges {
  /** Where a port that is asked for has to be; who only tries it out is not told. */
  valid: PortRange
  /** Where others are taken from. */
  free: PortRange
}

interface Request {
  service: Service
  owner: string
  /** Whether it had node ports before: then ports of one number no longer share theirs by themselves. */
  hadPorts: boolean
  ports: Map<number, string>
  /** What this request takes newly. */
  newPorts: number[]
  /** How each port came that its Service did not have before. */
  scopes: AddressScope[]
  failed(scope: AddressScope): void
  errors: FieldError[]
}

/**
 * Node ports from one range. What is given out stays taken until the request has ended, so that two at once never get the same;
 * then the stored Service has it.
 */
export function createNodePorts(options: NodePortsOptions): NodePorts {
  const { listServices, shared, clock, range, observer } = options
  const pool = new ServicePool<number>(clock, nodePortsOf)
  observer?.counts(async () => {
    const allocated = new Set((await listServices()).flatMap(nodePortsOf)).size
    return { allocated, available: range.last - range.first + 1 - allocated }
  })

  /** Nothing is awaited between this and the reservation: that is what makes it free of races. */
  function take(
    service: Service,
    services: Service[],
    { old, elsewhere, dryRun }: { old: Service | undefined; elsewhere: Map<number, string>; dryRun: boolean },
  ): Request {
    const owner = ownerOf(service)
    const ports = new Map([...elsewhere, ...pool.taken(services)])
    const failed = (scope: AddressScope): void => void (dryRun || observer?.failed(scope))
    const hadPorts = old !== undefined && needsNodePorts(old)
    const request: Request = { service, hadPorts, owner, ports, newPorts: [], scopes: [], failed, errors: [] }
    const offered = dryRun ? { first: -Infinity, last: Infinity } : range
    if (needsNodePorts(service)) allocateNodePorts(request, { valid: offered, free: range })
    if (needsHealthCheck(service.spec)) allocateHealthCheckPort(request, { valid: offered, free: range })
    if (request.errors.length > 0) {
      throw invalid({ group: '', kind: 'Service' }, service.metadata.name, request.errors)
    }
    return request
  }

  /**
   * Whether the request has all that it takes newly, among all servers; what others have is noted. The second list shows what
   * somebody has stored, and released, since the first.
   */
  async function claimShared(
    claims: SharedReservations,
    { owner, newPorts }: Request,
    elsewhere: Map<number, string>,
  ): Promise<boolean> {
    if (newPorts.length === 0) return true
    const conflicts = await claims.claim(newPorts.map(String), owner)
    for (const [value, holder] of conflicts) elsewhere.set(Number(value), holder)
    if (conflicts.size > 0) return false
    const services = await listServices()
    return services.every(
      (service) =>
        ownerOf(service) === owner || !nodePortsOf(service).some((port) => newPorts.includes(port)),
    )
  }

  return {
    async allocate(service, old, dryRun) {
      if (!needsNodePorts(service) && !needsHealthCheck(service.spec)) return nothing
      const asked = shared && structuredClone(service.spec)
      const elsewhere = new Map<number, string>()
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const request = take(service, await listServices(), { old, elsewhere, dryRun })
        if (dryRun) return nothing
        const giveBack = pool.reserve(request.newPorts, request.owner)
        try {
          if (!shared || (await claimShared(shared, request, elsewhere))) {
            for (const scope of request.scopes) observer?.allocated(scope)
            return giveBack
          }
        } catch (error) {
          giveBack()
          throw error
        }
        giveBack()
        service.spec = structuredClone(asked!)
      }
      throw internalError('failed to allocate: other API servers took what was to be given')
    },
  }
}

function allocateNodePorts(request: Request, { valid, free: range }: PortRanges): void {
  const { service, hadPorts, owner, ports } = request
  const given = new Map<string, number>()
  const free = (port: number): boolean => {
    const holder = ports.get(port)
    return (holder === undefined || holder === owner) && ![...given.values()].includes(port)
  }
  const fail = (at: number, port: ServicePort, why: string): void => {
    request.failed('static')
    request.errors.push(invalidValue(`spec.ports[${at}].nodePort`, port.nodePort, why))
  }
  const allPorts = service.spec.ports ?? []
  for (const [at, port] of allPorts.entries()) {
    if (!port.nodePort) continue
    const shared = [...given].some(
      ([place, number]) =>
        number === port.nodePort &&
        !place.startsWith(`${port.protocol}/`) &&
        (hadPorts || place.endsWith(`/${port.port}`)),
    )
    if (port.nodePort < valid.first || port.nodePort > valid.last) {
      const bounds = `${range.first}-${range.last}`
      fail(at, port, `provided port is not in the valid range. The range of valid ports is ${bounds}`)
    } else if (!shared && !free(port.nodePort)) fail(at, port, 'provided port is already allocated')
    else if (!shared && !ports.has(port.nodePort)) request.scopes.push('static')
    given.set(`${port.protocol}/${port.port}`, port.nodePort)
  }
  for (const port of allPorts) {
    if (port.nodePort) continue
    // TCP and UDP of one port number share a node port.
    const twin = hadPorts ? undefined : [...given].find(([place]) => place.endsWith(`/${port.port}`))
    const found =
      twin?.[1] ??
      pickFree(range.last - range.first + 1, 86, (offset) =>
        !ports.has(range.first + offset) && free(range.first + offset) ? range.first + offset : undefined,
      )
    if (found === undefined) {
      request.failed('dynamic')
      throw internalError('failed to allocate a nodePort: range is full')
    }
    if (!twin) request.scopes.push('dynamic')
    port.nodePort = found
    given.set(`${port.protocol}/${port.port}`, found)
  }
  request.newPorts.push(...given.values())
}

/** The port at which nodes say whether they have endpoints (upstream: alloc.go initHealthCheckNodePort). */
function allocateHealthCheckPort(request: Request, { valid, free: range }: PortRanges): void {
  const { service, owner, ports, newPorts } = request
  const { spec } = service
  const isFree = (port: number): boolean =>
    (!ports.has(port) || ports.get(port) === owner) && !newPorts.includes(port)
  const wanted = spec.healthCheckNodePort
  if (wanted) {
    const fits = wanted >= valid.first && wanted <= valid.last
    if (fits && isFree(wanted)) {
      if (!ports.has(wanted)) request.scopes.push('static')
      return void newPorts.push(wanted)
    }
    request.failed('static')
    const bounds = `${range.first}-${range.last}`
    const why = fits
      ? 'provided port is already allocated'
      : `provided port is not in the valid range. The range of valid ports is ${bounds}`
    throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`)
  }
  const found = pickFree(range.last - range.first + 1, 86, (offset) =>
    !ports.has(range.first + offset) && isFree(range.first + offset) ? range.first + offset : undefined,
  )
  if (found === undefined) {
    request.failed('dynamic')
    throw internalError('failed to allocate a HealthCheck NodePort: range is full')
  }
  request.scopes.push('dynamic')
  spec.healthCheckNodePort = found
  newPorts.push(found)
}

function nodePortsOf({ spec }: Service): number[] {
  const ports = (spec.ports ?? []).flatMap(({ nodePort }) => nodePort || [])
  return spec.healthCheckNodePort ? [...ports, spec.healthCheckNodePort] : ports
}
