import type { Service } from '../../api/generated/core-v1.ts'
import type { IPAddress, ServiceCIDR } from '../../api/generated/networking-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import {
  addressOf,
  clusterIpsOf,
  familyLabel,
  familyOf,
  isHeldBy,
  isOfAllocator,
  refersToService,
} from '../../api/service-addresses.ts'
import { isAlreadyExists } from '../../api/status.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { cidrsWithAddress } from './covering-cidrs.ts'
import { deleteObject } from '../../client/delete-object.ts'
import { findObject } from '../../client/find-object.ts'

/** The component that speaks in events, here and of addresses without a Service. */
export const repairComponent = 'ipallocator-repair-controller'

/**
 * Gives every Service the IPAddresses of its cluster IPs where they are missing or another's (upstream: the Service loop of
 * pkg/registry/core/service/ipallocator/controller/repairip.go). Informers may lag behind a write that is all right: what
 * looks wrong is read again before anything is done about it.
 */
export function createAddressRepairController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const recorder = dependencies.recorder(repairComponent)
  const services = informers.informer(resources.services)
  const cidrs = informers.informer(resources.serviceCidrs)
  const addresses = informers.informer(resources.ipAddresses)

  function warn(service: Service, reason: string, message: string): void {
    recorder.record(referenceTo(resources.services, service), { type: 'Warning', reason, message })
  }

  const isRight = (address: IPAddress | undefined, service: Service): boolean =>
    address !== undefined &&
    isHeldBy(address, service) &&
    isOfAllocator(address) &&
    address.metadata.labels?.[familyLabel] === familyOf(address.metadata.name)

  async function replace(service: Service, old: IPAddress): Promise<void> {
    await deleteObject(client, resources.ipAddresses, old)
    await client.create(resources.ipAddresses, addressOf(service, old.metadata.name))
  }

  /** The Service that holds this address by right, where it is another one. */
  async function rightfulHolder(address: IPAddress): Promise<Service | undefined> {
    const parent = address.spec.parentRef
    if (!refersToService(parent)) return undefined
    const ref = { namespace: parent.namespace ?? '', name: parent.name }
    const holder = await findObject(client, resources.services, ref)
    return holder && clusterIpsOf(holder).includes(address.metadata.name) ? holder : undefined
  }

  async function repair(service: Service, ip: string): Promise<void> {
    const family = familyOf(ip)
    const address = await findObject(client, resources.ipAddresses, { name: ip })
    if (isRight(address, service)) return
    if (!address) {
      warn(service, 'ClusterIPNotAllocated', `Cluster IP [${family}]: ${ip} is not allocated; repairing`)
      try {
        await client.create(resources.ipAddresses, addressOf(service, ip))
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
      return
    }
    if (isHeldBy(address, service)) return replace(service, address)
    if (await rightfulHolder(address)) {
      const text = `Cluster IP [${family}]:${ip} was assigned to multiple services; please recreate service`
      warn(service, 'ClusterIPAlreadyAllocated', text)
      return
    }
    const { namespace, name } = service.metadata
    const text = `the ClusterIP [${family}]: ${ip} for Service ${namespace}/${name} has a wrong reference; repairing`
    warn(service, 'ClusterIPNotAllocated', text)
    await replace(service, address)
  }

  function* servicesWithin(cidr: ServiceCIDR): Generator<string> {
    for (const service of services.store.list()) {
      const isWithin = clusterIpsOf(service).some((ip) => cidrsWithAddress([cidr], ip).length > 0)
      if (isWithin) yield objectKey(service)
    }
  }

  async function reconcile(service: Service): Promise<void> {
    // The first one will ask for this Service again.
    if (cidrs.store.size === 0) return
    const wrong: string[] = []
    for (const ip of clusterIpsOf(service)) {
      if (cidrsWithAddress(cidrs.store.list(), ip).length === 0) {
        const text = `Cluster IP [${familyOf(ip)}]: ${ip} is not within any configured Service CIDR; please recreate service`
        warn(service, 'ClusterIPOutOfRange', text)
      } else if (!isRight(addresses.store.get(ip), service)) wrong.push(ip)
    }
    if (wrong.length === 0) return
    const { namespace = '', name } = service.metadata
    const fresh = await findObject(client, resources.services, { namespace, name })
    if (!fresh) return
    for (const ip of wrong) if (clusterIpsOf(fresh).includes(ip)) await repair(fresh, ip)
  }

  return defineController(dependencies, {
    name: repairComponent,
    for: resources.services,
    watches: [
      watchOf(resources.serviceCidrs, ({ type, object }) => (type === 'added' ? servicesWithin(object) : [])),
      watchOf(resources.ipAddresses, ({ type, object }) => {
        const parent = object.spec?.parentRef
        if (type === 'added' || !refersToService(parent)) return []
        const key = `${parent.namespace}/${parent.name}`
        // A Service that goes takes its addresses along.
        return services.store.get(key) ? [key] : []
      }),
    ],
    reconcile: async ({ object }) => (object ? reconcile(object) : undefined),
  })
}
