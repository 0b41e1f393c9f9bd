import type { IPAddress } from '../../api/generated/networking-v1.ts'
import { resources } from '../../api/resources.ts'
import { clusterIpsOf, isOfAllocator, refersToService } from '../../api/service-addresses.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { repairComponent } from './address-repair.ts'
import { deleteObject } from '../../client/delete-object.ts'
import { findObject } from '../../client/find-object.ts'

/** As long as a request may take at most, which takes the address before it stores the Service. */
const graceMs = 60_000

/**
 * Deletes the allocator's IPAddresses that no Service has (upstream: the IPAddress loop of
 * pkg/registry/core/service/ipallocator/controller/repairip.go), once they are a minute old.
 */
export function createLeakedAddressesController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder(repairComponent)
  const services = informers.informer(resources.services)
  let following: Disposable | undefined

  async function remove(address: IPAddress, reason: string, message: string): Promise<void> {
    recorder.record(referenceTo(resources.ipAddresses, address), { type: 'Warning', reason, message })
    await deleteObject(client, resources.ipAddresses, address)
  }

  async function reconcile(address: IPAddress): Promise<Result | void> {
    if (!isOfAllocator(address)) return
    const { name, creationTimestamp } = address.metadata
    const parent = address.spec.parentRef
    if (!refersToService(parent)) {
      const { group = '', resource = '', namespace = '', name: other = '' } = parent ?? {}
      const what = `&{${group} ${resource} ${namespace} ${other}}`
      const text = `IPAddress ${name} appears to have been modified, not referencing a Service ${what}: cleaning up`
      return remove(address, 'IPAddressNotAllocated', text)
    }
    const key = `${parent.namespace}/${parent.name}`
    const known = services.store.get(key)
    if (known && clusterIpsOf(known).includes(name)) return
    const left = graceMs - (clock.now() - Date.parse(creationTimestamp ?? ''))
    if (left > 0) return { requeueAfterMs: left }
    const ref = { namespace: parent.namespace ?? '', name: parent.name }
    const service = await findObject(client, resources.services, ref)
    if (!service) {
      const text = `IPAddress: ${name} for Service ${key} appears to have leaked: cleaning up`
      return remove(address, 'IPAddressNotAllocated', text)
    }
    if (clusterIpsOf(service).includes(name)) return
    const text = `IPAddress: ${name} for Service ${key} has a wrong reference; cleaning up`
    return remove(address, 'IPAddressWrongReference', text)
  }

  return defineController(dependencies, {
    name: `${repairComponent}-addresses`,
    for: resources.ipAddresses,
    watches: [watchOf(resources.services, () => [])],
    prepare(queue) {
      // Whoever deletes a Service frees its addresses; looked at later is what they have left.
      following = services.addHandler({
        deleted: (service) => clusterIpsOf(service).forEach((ip) => queue.addAfter(ip, graceMs)),
      })
    },
    dispose: () => following?.[Symbol.dispose](),
    reconcile: async ({ object }) => (object ? reconcile(object) : undefined),
  })
}
