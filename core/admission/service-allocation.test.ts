import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from '../api/generated/core-v1.ts'
import type { IPAddress, ServiceCIDR } from '../api/generated/networking-v1.ts'
import { resources } from '../api/resources.ts'
import type { StatusError } from '../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../cluster/testing/test-control-plane.ts'
import { FakeClock } from '../util/fake-clock.ts'

/** JSON of any shape. */
type Any = ReturnType<typeof JSON.parse>

let plane: TestControlPlane
beforeEach(async () => {
  plane = createTestControlPlane({ clock: new FakeClock() })
  await plane.client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
})
afterEach(() => plane.close())

function service(name: string, spec: Any = {}): Service {
  return {
    metadata: { name, namespace: 'default' },
    spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
  }
}
const create = (name: string, spec?: Any): Promise<Service> =>
  plane.client.create(resources.services, service(name, spec))
const change = (name: string, spec: Any): Promise<Service> =>
  plane.client.patch(resources.services, ref(name), { type: 'merge', body: { spec } })
const ref = (name: string) => ({ namespace: 'default', name })
const addresses = async (): Promise<string[]> =>
  (await plane.client.list(resources.ipAddresses)).items.map(({ metadata }) => metadata.name)
const createCidr = (name: string, ...cidrs: string[]): Promise<ServiceCIDR> =>
  plane.client.create(resources.serviceCidrs, { metadata: { name }, spec: { cidrs } })

async function failure(work: Promise<unknown>): Promise<StatusError> {
  return work.then(
    () => {
      throw new Error('was not refused')
    },
    (error: unknown) => error as StatusError,
  )
}

describe('addresses of Services', () => {
  it('are given to each its own, even to many at once, from the upper part of the range', async () => {
    const made = await Promise.all(Array.from({ length: 300 }, (_, at) => create(`s${at}`)))
    const ips = made.map(({ spec }) => spec.clusterIP!)
    expect(new Set(ips).size).toBe(300)
    for (const ip of ips) expect(ip).toMatch(/^10\.96\.([1-9]|\d\d|1\d\d|2[0-4]\d|25[0-5])\.\d+$/)
    expect(made[0]!.spec).toMatchObject({
      clusterIPs: [ips[0]],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    })
    expect((await addresses()).toSorted()).toEqual(ips.toSorted())
  })

  it('are objects that name the Service, and go with it', async () => {
    const { spec } = await create('a')
    const address: IPAddress = await plane.client.get(resources.ipAddresses, { name: spec.clusterIP! })
    expect(address.metadata.labels).toEqual({
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    })
    expect(address.spec.parentRef).toEqual({ resource: 'services', namespace: 'default', name: 'a' })
    await plane.client.delete(resources.services, ref('a'))
    expect(await addresses()).toEqual([])
  })

  it('stay while a finalizer holds the Service, and go with the finalizer', async () => {
    const held = service('a')
    held.metadata.finalizers = ['example.com/hold']
    const { spec } = await plane.client.create(resources.services, held)
    await plane.client.delete(resources.services, ref('a'))
    expect(await addresses()).toEqual([spec.clusterIP])
    const body = { metadata: { finalizers: null } }
    await plane.client.patch(resources.services, ref('a'), { type: 'merge', body })
    expect(await addresses()).toEqual([])
  })

  it('may be asked for', async () => {
    await create('a', { clusterIP: '10.96.0.10' })
    const taken = await failure(create('b', { clusterIP: '10.96.0.10' }))
    expect(taken.code).toBe(422)
    expect(taken.message).toBe(
      'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    )
    expect((await failure(create('c', { clusterIP: '10.1.0.1' }))).message).toContain(
      'failed to allocate IP 10.1.0.1: the provided network does not match the current range',
    )
    expect((await failure(create('c', { clusterIP: '10.96.255.255' }))).message).toContain(
      'does not match the current range',
    )
    await plane.client.delete(resources.services, ref('a'))
    expect((await create('b', { clusterIP: '10.96.0.10' })).spec.clusterIPs).toEqual(['10.96.0.10'])
  })

  it('are free again when the Service is refused or there already, and are not taken by a dry run', async () => {
    await create('a', { clusterIP: '10.96.0.20' })
    await failure(create('Bad_Name', { clusterIP: '10.96.0.21' }))
    await failure(create('a'))
    await failure(create('c', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }))
    const dry = await plane.client.create(resources.services, service('d'), { dryRun: true })
    // No Service ever gets the address of the network itself.
    expect(dry.spec.clusterIP).toBe('10.96.0.0')
    expect(await addresses()).toEqual(['10.96.0.20'])
    // What is taken, or out of range, is only told who wants it.
    const ports = [{ port: 80, nodePort: 80 }]
    const wanted = service('e', { type: 'NodePort', clusterIP: '10.96.0.20', ports })
    const again = await plane.client.create(resources.services, wanted, { dryRun: true })
    expect([again.spec.clusterIP, again.spec.ports?.[0]?.nodePort]).toEqual(['10.96.0.20', 80])
    expect((await failure(plane.client.create(resources.services, wanted))).message).toContain(
      'already allocated',
    )
    expect(await addresses()).toEqual(['10.96.0.20'])
  })

  it('must be addresses, before anything is taken', async () => {
    expect((await failure(create('a', { clusterIP: 'x' }))).message).toBe(
      'Service "a" is invalid: spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    )
    expect((await failure(create('a', { clusterIPs: ['10.96.0.9', '10.96.0.8'] }))).message).toContain(
      'must be empty when `clusterIP` is not specified',
    )
    expect(await addresses()).toEqual([])
  })

  it('are kept by who leaves out the older of their fields, and a name may begin with a digit', async () => {
    const made = await create('1a', { clusterIP: '10.96.0.9' })
    const { clusterIP: _, ...spec } = made.spec
    const kept = await plane.client.update(resources.services, { ...made, spec })
    expect(kept.spec).toMatchObject({ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'] })
  })

  it('belong to the generated name', async () => {
    const generated = service('')
    generated.metadata.generateName = 'web-'
    const { metadata, spec } = await plane.client.create(resources.services, generated)
    const address = await plane.client.get(resources.ipAddresses, { name: spec.clusterIP! })
    expect(address.spec.parentRef).toMatchObject({ namespace: 'default', name: metadata.name })
  })

  it('are given back by a change to a mere name, and taken anew by the way back', async () => {
    await create('a')
    await change('a', {
      type: 'ExternalName',
      externalName: 'example.com',
      clusterIP: null,
      clusterIPs: null,
    })
    expect(await addresses()).toEqual([])
    const back = await change('a', { type: 'ClusterIP', externalName: null })
    expect(await addresses()).toEqual([back.spec.clusterIP])
    await change('a', { selector: { a: 'b' } })
    expect(await addresses()).toEqual([back.spec.clusterIP])
  })

  it('are not given to headless services', async () => {
    const headless = await create('h', { clusterIP: 'None', selector: { a: 'b' } })
    expect(headless.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'] })
    const name = await create('n', { type: 'ExternalName', externalName: 'example.com', ports: [] })
    expect(name.spec.clusterIP).toBeUndefined()
    expect(await addresses()).toEqual([])
  })

  it('are from every ServiceCIDR that is ready', async () => {
    await createCidr('small', '10.1.0.0/30')
    expect([(await create('a')).spec.clusterIP, (await create('b')).spec.clusterIP].toSorted()).toEqual([
      '10.1.0.1',
      '10.1.0.2',
    ])
    const full = await failure(create('c'))
    expect(full.code).toBe(500)
    expect(full.message).toContain('failed to allocate a serviceIP: range is full')
    await createCidr('more', '10.2.0.0/28', 'fd00::/112')
    const ips = await Promise.all(Array.from({ length: 14 }, (_, at) => create(`more-${at}`)))
    expect(new Set(ips.map(({ spec }) => spec.clusterIP)).size).toBe(14)
    for (const { spec } of ips) expect(spec.clusterIP).toMatch(/^10\.2\.0\./)
    await failure(create('c'))

    const unready = await createCidr('unready', '10.3.0.0/24')
    const condition = {
      type: 'Ready',
      reason: 'Test',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    }
    await plane.client.updateStatus(resources.serviceCidrs, {
      ...unready,
      status: { conditions: [{ ...condition, status: 'False' }] },
    })
    await failure(create('c', { clusterIP: '10.3.0.5' }))
    const going = await createCidr('going', '10.4.0.0/24')
    const metadata = { ...going.metadata, finalizers: ['example.com/hold'] }
    await plane.client.update(resources.serviceCidrs, { ...going, metadata })
    await plane.client.delete(resources.serviceCidrs, { name: 'going' })
    await failure(create('c', { clusterIP: '10.4.0.5' }))
    await createCidr('same', '10.4.0.0/24')
    expect((await create('c', { clusterIP: '10.4.0.5' })).spec.clusterIP).toBe('10.4.0.5')
  })
})

describe('node ports of Services', () => {
  it('are shared by protocols of one port', async () => {
    const ports = [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      { name: 'metrics', port: 9153, protocol: 'TCP' },
    ]
    const { spec } = await create('dns', { type: 'NodePort', ports })
    const given = spec.ports!.map(({ nodePort }) => nodePort!)
    expect(given[0]).toBe(given[1])
    expect(given[2]).not.toBe(given[0])
    for (const port of given) expect(port).toBeGreaterThanOrEqual(30_000)
    await create('a', { type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 30_080 }] })
    const taken = await failure(
      create('b', { type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 30_080 }] }),
    )
    expect(taken.message).toBe(
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    )
    const outside = await failure(
      create('c', { type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 80 }] }),
    )
    expect(outside.message).toContain(
      'provided port is not in the valid range. The range of valid ports is 30000-32767',
    )
  })

  it('are not shared by ports of two numbers, nor by a protocol that comes later', async () => {
    const tcp = { name: 'tcp', port: 80, protocol: 'TCP', nodePort: 30_081 }
    const other = { name: 'udp', port: 81, protocol: 'UDP', nodePort: 30_081 }
    const taken = await failure(create('a', { type: 'NodePort', ports: [tcp, other] }))
    expect(taken.message).toBe(
      'Service "a" is invalid: spec.ports[1].nodePort: Invalid value: 30081: provided port is already allocated',
    )
    await create('b', { type: 'NodePort', ports: [tcp] })
    const { spec } = await change('b', { ports: [tcp, { name: 'udp', port: 80, protocol: 'UDP' }] })
    expect(spec.ports![1]!.nodePort).toBeGreaterThan(30_081)
    expect((await change('b', { ports: [tcp, other] })).spec.ports![1]!.nodePort).toBe(30_081)
  })

  it('are free again as soon as their Service is gone or was refused', async () => {
    const port = { type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 30_080 }] }
    await create('a', port)
    await plane.client.delete(resources.services, ref('a'))
    await create('b', port)
    await plane.client.delete(resources.services, ref('b'))
    await failure(create('c', { ...port, sessionAffinity: 'Sometimes' }))
    expect((await create('d', port)).spec.ports![0]!.nodePort).toBe(30_080)
  })

  it('stay over updates that leave them out', async () => {
    const made = await create('a', { type: 'NodePort' })
    const bare = structuredClone(made) as Any
    delete bare.spec.clusterIP
    delete bare.spec.clusterIPs
    delete bare.spec.ports[0].nodePort
    bare.spec.selector = { a: 'b' }
    const next = await plane.client.update(resources.services, bare as Service)
    expect(next.spec).toMatchObject({ clusterIP: made.spec.clusterIP, ports: made.spec.ports })
    expect((await change('a', { type: 'LoadBalancer' })).spec.ports).toEqual(made.spec.ports)
  })
})
