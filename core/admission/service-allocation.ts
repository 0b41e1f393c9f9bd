import type { Service } from '../api/generated/core-v1.ts'
import type { Allocator } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { clusterIpsOf } from '../api/service-addresses.ts'
import { invalid } from '../api/status.ts'
import type { Clock } from '../util/clock.ts'
import type { AllocationClient } from './admission-reader.ts'
import type { ClusterIpObserver } from './cluster-ip-observer.ts'
import { createClusterIps } from './service-cluster-ips.ts'
import { initIpFamilies, isPreferredAsBefore } from './service-families.ts'
import { keepAllocated, normalizeClusterIps } from './service-fields.ts'
import type { NodePortObserver } from './node-port-observer.ts'
import { createNodePorts, type SharedReservations } from './service-node-ports.ts'
import { ownerOf } from './service-pool.ts'

export interface ServiceAllocationOptions {
  /** Works without being asked for authorization, such as a Client over the in-process transport. */
  client: AllocationClient
  /** Where other API servers give out ports, too. */
  shared?: SharedReservations | undefined
  /** Is told of the cluster IPs that are given out. */
  observer?: ClusterIpObserver
  /** Is told of the node ports that are given out. */
  portObserver?: NodePortObserver
  clock: Clock
  /** Where addresses are from as long as there is no ServiceCIDR. Default `10.96.0.0/16`. */
  clusterIpRange?: string
  /** First and last node port. Default 30000 and 32767. */
  nodePortRange?: { first: number; last: number }
}

/**
 * Gives Services their cluster IPs and node ports, and checks those that are asked for: 422 when taken or out of range
 * (upstream: pkg/registry/core/service/storage/alloc.go).
 */
export function createServiceAllocator(options: ServiceAllocationOptions): Allocator {
  const { client, shared, clock, nodePortRange = { first: 30_000, last: 32_767 } } = options
  const clusterIps = createClusterIps({
    client,
    defaultRange: options.clusterIpRange ?? '10.96.0.0/16',
    observer: options.observer,
  })
  const nodePorts = createNodePorts({
    listServices: async () => (await client.list(resources.services)).items,
    shared,
    clock,
    range: nodePortRange,
    observer: options.portObserver,
  })

  return {
    async allocate({ object, oldObject, context: { dryRun }, check }) {
      const service = object as Service
      const old = oldObject as Service | undefined
      if (old) keepAllocated(service, old)
      normalizeClusterIps(service, old)
      // What it had and has no more is free once that is stored.
      const released = (): string[] => {
        const kept = clusterIpsOf(service)
        return old ? clusterIpsOf(old).filter((ip) => !kept.includes(ip)) : []
      }
      if (service.spec.type === 'ExternalName') {
        return { end: async (isStored) => void (isStored && (await clusterIps.release(service, released()))) }
      }
      if (!isPreferredAsBefore(service, old)) check()
      const problems = initIpFamilies(service, old)
      if (problems.length > 0) throw invalid({ group: '', kind: 'Service' }, service.metadata.name, problems)
      const ip = await clusterIps.allocate(service, old, dryRun)
      const taken = ip === undefined ? [] : [ip]
      try {
        const giveBackPorts = await nodePorts.allocate(service, old, dryRun)
        return {
          async end(isStored) {
            giveBackPorts()
            await clusterIps.release(service, isStored ? released() : taken)
          },
        }
      } catch (error) {
        await clusterIps.release(service, taken)
        throw error
      }
    },
    async release(object) {
      const service = object as Service
      await clusterIps.release(service, clusterIpsOf(service))
      // A claim that cannot be given back runs out by itself.
      await shared?.release(ownerOf(service)).catch(() => undefined)
    },
  }
}
