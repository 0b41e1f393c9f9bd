import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from '../../api/generated/core-v1.ts'
import type { ServiceCIDR } from '../../api/generated/networking-v1.ts'
import { findCondition } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { addressOf } from '../../api/service-addresses.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { recordServiceAddresses } from '../../cluster/service-addresses.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import type { Controller } from '../kit/controller.ts'
import { createAddressRepairController } from './address-repair.ts'
import { createDefaultServiceCidrController } from './default-service-cidr.ts'
import { createLeakedAddressesController } from './leaked-addresses.ts'
import { createServiceCidrController } from './service-cidr.ts'

let clock: FakeClock
let plane: TestControlPlane
let controllers: Controller[]
beforeEach(async () => {
  clock = new FakeClock()
  plane = createTestControlPlane({ clock })
  await plane.client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  const { dependencies } = plane
  controllers = [
    createDefaultServiceCidrController(dependencies, '10.96.0.0/16'),
    createServiceCidrController(dependencies),
    createAddressRepairController(dependencies),
    createLeakedAddressesController(dependencies),
  ]
})
afterEach(async () => {
  for (const controller of controllers) await controller.stop()
  await plane.close()
})
const start = () => Promise.all(controllers.map((controller) => controller.start()))

const ref = (name: string) => ({ namespace: 'default', name })
const cidr = (name: string): Promise<ServiceCIDR> => plane.client.get(resources.serviceCidrs, { name })
const createCidr = (name: string, ...cidrs: string[]) =>
  plane.client.create(resources.serviceCidrs, { metadata: { name }, spec: { cidrs } })
const service = (name: string, clusterIP?: string): Service => ({
  metadata: { name, namespace: 'default' },
  spec: { type: 'ClusterIP', ...(clusterIP && { clusterIP }), ports: [{ port: 80, protocol: 'TCP' }] },
})
const createService = (name: string, clusterIP?: string) =>
  plane.client.create(resources.services, service(name, clusterIP))
const names = async () =>
  (await plane.client.list(resources.ipAddresses)).items.map(({ metadata }) => metadata.name)

function ready(name: string, status: string): Promise<ServiceCIDR> {
  return waitFor(async () => {
    const found = await cidr(name)
    return findCondition(found.status?.conditions, 'Ready')?.status === status ? found : undefined
  })
}
const events = async (reason: string): Promise<string[]> => {
  await plane.flushEvents()
  const { items } = await plane.client.list(resources.events)
  return items.filter((event) => event.reason === reason).map(({ message }) => message ?? '')
}

describe('ServiceCIDRs', () => {
  it('are made for the own range, protected, and said to be ready', async () => {
    await start()
    const made = await ready('kubernetes', 'True')
    expect(made.spec.cidrs).toEqual(['10.96.0.0/16'])
    expect(made.metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer'])
    expect(made.status?.conditions).toEqual([
      {
        type: 'Ready',
        status: 'True',
        reason: '',
        message: 'Kubernetes Service CIDR is ready',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ])
  })

  it('go ten seconds after they are deleted, and the own one comes back', async () => {
    await start()
    const { metadata } = await ready('kubernetes', 'True')
    await plane.client.delete(resources.serviceCidrs, { name: 'kubernetes' })
    const again = waitFor(async () => {
      await clock.advance(1_000)
      const found = await cidr('kubernetes').catch(() => undefined)
      return found && found.metadata.uid !== metadata.uid
    })
    await again
    expect(clock.now() - Date.parse('2026-01-01T00:00:00Z')).toBeGreaterThanOrEqual(10_000)
  })

  it('wait for addresses that no other one covers', async () => {
    await start()
    await ready('kubernetes', 'True')
    await createCidr('more', '10.97.0.0/24')
    await ready('more', 'True')
    await createService('a', '10.97.0.7')
    await plane.client.delete(resources.serviceCidrs, { name: 'more' })
    const held = await ready('more', 'False')
    expect(held.status?.conditions).toMatchObject([
      {
        reason: 'Terminating',
        message:
          'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
      },
    ])
    await clock.advance(60_000)
    expect((await cidr('more')).metadata.finalizers).toHaveLength(1)
    // One around it covers its addresses.
    await createCidr('around', '10.97.0.0/20')
    await waitFor(async () => (await cidr('more').catch(() => undefined)) === undefined)
    expect(await names()).toEqual(['10.97.0.7'])
    await plane.client.delete(resources.serviceCidrs, { name: 'around' })
    await ready('around', 'False')
    await plane.client.delete(resources.services, ref('a'))
    await waitFor(async () => {
      await clock.advance(1_000)
      return (await cidr('around').catch(() => undefined)) === undefined
    })
  })

  it('of another range than the own one are reported', async () => {
    await createCidr('kubernetes', '10.5.0.0/16')
    await start()
    await waitFor(async () => (await events('KubernetesDefaultServiceCIDRInconsistent')).length > 0)
    expect(await events('KubernetesDefaultServiceCIDRInconsistent')).toEqual([
      'The default ServiceCIDR [10.5.0.0/16] does not match the controller flag configurations [10.96.0.0/16]',
    ])
  })
})

describe('repair', () => {
  it('gives a Service back the address that was taken from it', async () => {
    await start()
    await ready('kubernetes', 'True')
    await createService('a', '10.96.0.7')
    await plane.client.delete(resources.ipAddresses, { name: '10.96.0.7' })
    await waitFor(async () => (await names()).includes('10.96.0.7'))
    await waitFor(async () => (await events('ClusterIPNotAllocated')).length > 0)
    expect(await events('ClusterIPNotAllocated')).toEqual([
      'Cluster IP [IPv4]: 10.96.0.7 is not allocated; repairing',
    ])
  })

  it('corrects one of another, or without its labels', async () => {
    await createService('a', '10.96.0.7')
    await createService('b', '10.96.0.8')
    for (const name of await names()) await plane.client.delete(resources.ipAddresses, { name })
    await plane.client.create(resources.ipAddresses, addressOf(service('gone'), '10.96.0.7'))
    const bare = addressOf(service('b'), '10.96.0.8')
    await plane.client.create(resources.ipAddresses, { ...bare, metadata: { name: '10.96.0.8' } })
    await start()
    await waitFor(async () => {
      const { items } = await plane.client.list(resources.ipAddresses)
      const parents = items.map(
        ({ spec, metadata }) => spec.parentRef.name + Object.keys(metadata.labels ?? {}).length,
      )
      return parents.join() === 'a2,b2'
    })
    expect(await events('ClusterIPNotAllocated')).toEqual([
      'the ClusterIP [IPv4]: 10.96.0.7 for Service default/a has a wrong reference; repairing',
    ])
  })

  it('deletes what no Service has, after a minute', async () => {
    await start()
    await ready('kubernetes', 'True')
    await createService('a', '10.96.0.7')
    await plane.client.create(resources.ipAddresses, addressOf(service('gone'), '10.96.0.8'))
    await plane.client.create(resources.ipAddresses, addressOf(service('a'), '10.96.0.9'))
    const others = { metadata: { name: '10.96.0.10' }, spec: addressOf(service('gone'), '10.96.0.10').spec }
    await plane.client.create(resources.ipAddresses, others)
    const addresses = plane.informers.informer(resources.ipAddresses)
    await waitFor(() => addresses.store.size === 4)
    await clock.advance(59_000)
    expect(await names()).toHaveLength(4)
    await clock.advance(2_000)
    await waitFor(async () => (await names()).length === 2)
    expect((await names()).toSorted()).toEqual(['10.96.0.10', '10.96.0.7'])
    await waitFor(async () => (await events('IPAddressWrongReference')).length > 0)
    expect(await events('IPAddressNotAllocated')).toEqual([
      'IPAddress: 10.96.0.8 for Service default/gone appears to have leaked: cleaning up',
    ])
    expect(await events('IPAddressWrongReference')).toEqual([
      'IPAddress: 10.96.0.9 for Service default/a has a wrong reference; cleaning up',
    ])
  })

  it('says which addresses are of no ServiceCIDR', async () => {
    await createService('a', '10.96.0.7')
    await createCidr('kubernetes', '10.5.0.0/16')
    await start()
    await waitFor(async () => (await events('ClusterIPOutOfRange')).length > 0)
    expect(await events('ClusterIPOutOfRange')).toEqual([
      'Cluster IP [IPv4]: 10.96.0.7 is not within any configured Service CIDR; please recreate service',
    ])
  })

  it('says nothing of Services that come, change and go as they should', async () => {
    await start()
    await ready('kubernetes', 'True')
    for (let round = 0; round < 20; round++) {
      await createService('a')
      await plane.client.patch(resources.services, ref('a'), {
        type: 'merge',
        body: { spec: { selector: { a: 'b' } } },
      })
      await plane.client.delete(resources.services, ref('a'))
    }
    await createService('last')
    await waitFor(async () => plane.informers.informer(resources.services).store.get('default/last'))
    await clock.advance(70_000)
    const { items } = await plane.client.list(resources.events)
    await plane.flushEvents()
    expect(items.map(({ message }) => message)).toEqual([])
    expect(await names()).toHaveLength(1)
  })
})

describe('a start', () => {
  it('records the addresses of Services from before there were any', async () => {
    const { spec } = await createService('old')
    await createService('older', '10.96.0.9')
    await plane.client.delete(resources.ipAddresses, { name: spec.clusterIP! })
    await recordServiceAddresses(plane.client, '10.96.0.0/16')
    expect((await names()).toSorted()).toEqual(['10.96.0.9', spec.clusterIP].toSorted())
    expect((await cidr('kubernetes')).spec.cidrs).toEqual(['10.96.0.0/16'])
    await recordServiceAddresses(plane.client, '10.96.0.0/16')
    const address = await plane.client.get(resources.ipAddresses, { name: spec.clusterIP! })
    expect(address.spec.parentRef).toEqual({ resource: 'services', namespace: 'default', name: 'old' })
  })
})
