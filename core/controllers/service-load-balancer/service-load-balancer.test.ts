import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service, ServiceSpec } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import type { BalancedPort, LoadBalancerHost } from './load-balancer-host.ts'
import { createServiceLoadBalancerController } from './service-load-balancer.ts'

const finalizer = 'service.kubernetes.io/load-balancer-cleanup'
const ref = { namespace: 'default', name: 'web' }
const ours = [{ ip: '127.0.0.1', ipMode: 'Proxy', ports: [{ port: 80, protocol: 'TCP' }] }]

describe('service load balancer', () => {
  let plane: TestControlPlane
  let controller: Controller
  let open: Set<string>
  let error: BalancedPort['error']
  const host: LoadBalancerHost = {
    async ensure({ metadata, spec }) {
      open.add(metadata.name)
      const ports = (spec.ports ?? []).map(({ port, protocol = 'TCP' }) => ({ port, protocol }))
      return { ip: '127.0.0.1', ports: ports.map((one) => ({ ...one, ...(error && { error }) })) }
    },
    async release(key) {
      open.delete(key.split('/')[1] ?? '')
    },
  }

  async function start(withHost: LoadBalancerHost | undefined = host): Promise<void> {
    controller = createServiceLoadBalancerController(plane.dependencies, withHost)
    await controller.start()
  }

  beforeEach(async () => {
    plane = createTestControlPlane()
    open = new Set()
    error = undefined
    await plane.client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  })
  afterEach(async () => {
    await controller.stop()
    await plane.close()
  })

  function create(spec: ServiceSpec = {}, more: object = {}): Promise<Service> {
    const ports = [{ port: 80, protocol: 'TCP' }]
    const metadata = { ...ref, ...more }
    return plane.client.create(resources.services, {
      metadata,
      spec: { type: 'LoadBalancer', ports, ...spec },
    } as Service)
  }
  const get = (): Promise<Service> => plane.client.get(resources.services, ref)
  const given = async (): Promise<unknown> => (await get()).status?.loadBalancer?.ingress
  async function reasons(): Promise<Array<string | undefined>> {
    await plane.flushEvents()
    const { items } = await plane.client.list(resources.events, { namespace: 'default' })
    return items.map(({ reason }) => reason).sort()
  }

  it('gives an address, with finalizer and events, and takes it back with the Service', async () => {
    await start()
    await create()
    await waitFor(async () => (await given()) !== undefined)
    expect(await given()).toEqual(ours)
    expect((await get()).metadata.finalizers).toEqual([finalizer])
    await plane.client.delete(resources.services, ref)
    await waitFor(async () => (await plane.client.list(resources.services)).items.length === 0)
    expect(open.size).toBe(0)
    // The Service may be gone before its last event is told.
    await waitFor(async () => (await reasons()).includes('DeletedLoadBalancer'))
    expect(await reasons()).toEqual([
      'DeletedLoadBalancer',
      'DeletingLoadBalancer',
      'EnsuredLoadBalancer',
      'EnsuringLoadBalancer',
    ])
  })

  it('takes it back when the type changes', async () => {
    await start()
    await create()
    await waitFor(async () => (await given()) !== undefined)
    const body = { spec: { type: 'ClusterIP' } }
    await plane.client.patch(resources.services, ref, { type: 'strategic', body })
    await waitFor(async () => !(await get()).metadata.finalizers?.length)
    expect(await given()).toBeUndefined()
    expect(open.size).toBe(0)
  })

  it('leaves other classes alone', async () => {
    await start()
    await create({ loadBalancerClass: 'example.com/other' })
    await plane.client.create(resources.services, {
      metadata: { namespace: 'default', name: 'ours' },
      spec: { type: 'LoadBalancer', loadBalancerClass: 'wheelhouse.io/localhost', ports: [{ port: 81 }] },
    } as Service)
    await waitFor(() => open.has('ours'))
    expect(open.has('web')).toBe(false)
    expect((await get()).metadata.finalizers).toBeUndefined()
  })

  it('yields to whoever else gives the Service an address', async () => {
    await start()
    await create()
    await waitFor(async () => (await given()) !== undefined)
    const status = { loadBalancer: { ingress: [{ ip: '172.18.255.1' }] } }
    await waitFor(async () => plane.client.updateStatus(resources.services, { ...(await get()), status }))
    await waitFor(() => !open.has('web'))
    await waitFor(async () => !(await get()).metadata.finalizers?.length)
    expect(await given()).toMatchObject([{ ip: '172.18.255.1' }])
  })

  it('tells of a port that cannot be opened, in the status and by an event', async () => {
    error = { name: 'wheelhouse.io/PortInUse', message: '127.0.0.1:80 is in use by nginx (process 7)' }
    await start()
    await create()
    await waitFor(async () => (await given()) !== undefined)
    expect(await given()).toEqual([
      { ...ours[0], ports: [{ port: 80, protocol: 'TCP', error: 'wheelhouse.io/PortInUse' }] },
    ])
    await plane.flushEvents()
    const { items } = await plane.client.list(resources.events, { namespace: 'default' })
    expect(items.find(({ type }) => type === 'Warning')).toMatchObject({
      reason: 'SyncLoadBalancerFailed',
      message: 'Error syncing load balancer: 127.0.0.1:80 is in use by nginx (process 7)',
      source: { component: 'service-controller' },
    })
  })

  it('switched off, takes back what an earlier run gave', async () => {
    await start()
    await create()
    await waitFor(async () => (await given()) !== undefined)
    await controller.stop()
    controller = createServiceLoadBalancerController(plane.dependencies, undefined)
    await controller.start()
    await waitFor(async () => !(await get()).metadata.finalizers?.length)
    expect(await given()).toBeUndefined()
  })
})
