import { randomInt } from 'node:crypto'
import type { Service } from '../api/generated/core-v1.ts'
import { invalidValue } from '../api/field-errors.ts'
import { resources } from '../api/resources.ts'
import {
  addressOf,
  clusterIpsOf,
  familyOf,
  isAllocatable,
  isHeldBy,
  isOfAllocator,
} from '../api/service-addresses.ts'
import { internalError, invalid, isAlreadyExists } from '../api/status.ts'
import type { AllocationClient } from './admission-reader.ts'
import type { AddressScope, ClusterIpObserver, NetworkUse } from './cluster-ip-observer.ts'
import { parseIpv4Range, type Ipv4Range } from './ipv4-range.ts'
import { needsClusterIp } from './service-fields.ts'
import { upperFirst } from './service-pool.ts'
import { deleteObject } from '../client/delete-object.ts'

export interface ClusterIps {
  /**
   * Gives a Service the address it needs, and says which one it took newly: a Service has it once its IPAddress is created, which
   * only one of several can do, whichever API server they ask. Throws a StatusError when the address asked for is not to be had, or
   * none is left.
   */
  allocate(service: Service, old: Service | undefined, dryRun: boolean): Promise<string | undefined>
  /** Frees addresses of a Service. Never rejects: what cannot be freed now is cleaned up by the repair controller. */
  release(service: Service, ips: readonly string[]): Promise<void>
}

/** How many addresses are tried at random before all that are taken are looked at. */
const blindTries = 4

/**
 * Addresses from the networks of all ServiceCIDRs that are ready (upstream: pkg/registry/core/service/ipallocator). As long
 * as there is no ServiceCIDR yet, from `defaultRange`.
 */
export function createClusterIps({
  client,
  defaultRange,
  observer,
}: {
  client: AllocationClient
  defaultRange: string
  observer?: ClusterIpObserver | undefined
}): ClusterIps {
  async function ranges(): Promise<Ipv4Range[]> {
    const { items } = await client.list(resources.serviceCidrs)
    const networks = items.filter(isAllocatable).flatMap(({ spec }) => spec?.cidrs ?? [])
    const usable = items.length === 0 ? [defaultRange] : networks.filter((cidr) => familyOf(cidr) === 'IPv4')
    return [...new Set(usable)].map(parseIpv4Range)
  }

  /** Whether the address is now the Service's. `begun` is when it was looked for. */
  async function take(
    service: Service,
    ip: string,
    { cidr, scope, begun }: { cidr: string; scope: AddressScope; begun: number },
  ): Promise<boolean> {
    try {
      await client.create(resources.ipAddresses, addressOf(service, ip))
      observer?.allocated(cidr, scope, performance.now() - begun)
      return true
    } catch (error) {
      observer?.failed(cidr, scope)
      if (isAlreadyExists(error)) return false
      throw error
    }
  }

  async function use(): Promise<NetworkUse[]> {
    const [networks, taken] = await Promise.all([ranges(), takenIps()])
    return networks.map((range) => {
      const allocated = [...taken].filter((ip) => range.includes(ip)).length
      return { cidr: range.cidr, allocated, available: Math.max(0, range.size - 2) - allocated }
    })
  }
  observer?.counts(use)

  async function takenIps(): Promise<Set<string>> {
    const { items } = await client.list(resources.ipAddresses)
    return new Set(items.map(({ metadata }) => metadata.name))
  }

  async function takeFrom(range: Ipv4Range, service: Service, dryRun: boolean): Promise<string | undefined> {
    // Who only tries it out is shown the network's own address, which nobody gets.
    if (dryRun) return range.at(0)
    const lower = lowerBand(range)
    const search = { cidr: range.cidr, scope: 'dynamic', begun: performance.now() } as const
    for (let tries = 0; tries < blindTries && range.size > lower; tries++) {
      const ip = range.at(lower + randomInt(range.size - lower))
      if (range.includes(ip) && (await take(service, ip, search))) return ip
    }
    const taken = await takenIps()
    for (const offset of upperFirst(range.size, lower)) {
      const ip = range.at(offset)
      if (!range.includes(ip) || taken.has(ip)) continue
      if (await take(service, ip, search)) return ip
    }
    observer?.failed(range.cidr, 'dynamic')
    return undefined
  }

  async function takeAny(service: Service, dryRun: boolean): Promise<string> {
    const all = await ranges()
    const start = all.length > 1 ? randomInt(all.length) : 0
    for (const [at] of all.entries()) {
      const ip = await takeFrom(all[(start + at) % all.length]!, service, dryRun)
      if (ip !== undefined) return ip
    }
    throw new Error('range is full')
  }

  async function takeThis(service: Service, ip: string, dryRun: boolean): Promise<void> {
    const begun = performance.now()
    const all = await ranges()
    const found = all.find((range) => range.includes(ip))
    if (!found && dryRun && all.length === 1) {
      const { cidr } = all[0]!
      throw new Error(`the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${cidr}`)
    }
    if (!found) throw new Error('the provided network does not match the current range')
    // Who only tries it out is not told that it is taken.
    const isTaken = !dryRun && !(await take(service, ip, { cidr: found.cidr, scope: 'static', begun }))
    if (isTaken) throw new Error('provided IP is already allocated')
  }

  async function release(service: Service, ip: string): Promise<void> {
    const address = await client.get(resources.ipAddresses, { name: ip })
    if (!isOfAllocator(address) || !isHeldBy(address, service)) return
    await deleteObject(client, resources.ipAddresses, address)
  }

  return {
    async allocate(service, old, dryRun) {
      const { spec } = service
      // A change of an address once set is for validation to refuse.
      if (!needsClusterIp(service) || (old && clusterIpsOf(old).length > 0)) return undefined
      const wanted = spec.clusterIPs?.[0]
      if (wanted) {
        try {
          await takeThis(service, wanted, dryRun)
        } catch (error) {
          const text = `failed to allocate IP ${wanted}: ${(error as Error).message}`
          const problem = invalidValue('spec.clusterIPs', spec.clusterIPs, text)
          throw invalid({ group: '', kind: 'Service' }, service.metadata.name, [problem])
        }
        return dryRun ? undefined : wanted
      }
      try {
        spec.clusterIP = await takeAny(service, dryRun)
      } catch (error) {
        throw internalError(`failed to allocate a serviceIP: ${(error as Error).message}`)
      }
      spec.clusterIPs = [spec.clusterIP]
      return dryRun ? undefined : spec.clusterIP
    },
    async release(service, ips) {
      await Promise.allSettled(ips.map((ip) => release(service, ip)))
    },
  }
}

/** How many offsets from the network's own address are left for those who ask for a certain one (upstream: calculateRangeOffset). */
function lowerBand({ size }: Ipv4Range): number {
  return size <= 16 ? 1 : 1 + Math.min(Math.max(16, Math.floor(size / 16)), 256)
}
