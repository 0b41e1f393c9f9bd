import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EndpointSlice } from '../../api/generated/discovery-v1.ts'
import type { Endpoints, Pod, Service } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createEndpointsController } from './endpoints.ts'
import { createEndpointSliceController } from './endpointslice.ts'

const namespace = 'default'

describe('endpoints of services', () => {
  let plane: TestControlPlane
  let controllers: Controller[]

  beforeEach(async () => {
    plane = createTestControlPlane()
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    controllers = [
      createEndpointSliceController(plane.dependencies),
      createEndpointsController(plane.dependencies),
    ]
    await Promise.all(controllers.map((controller) => controller.start()))
  })
  afterEach(async () => {
    for (const controller of controllers) await controller.stop()
    await plane.close()
  })

  const service = (name: string, spec: Partial<Service['spec']> = {}): Promise<Service> =>
    plane.client.create(resources.services, {
      metadata: { name, namespace, labels: { team: 'a' } },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }], ...spec },
    })
  async function pod(
    name: string,
    ip: string,
    options: { ready?: boolean; port?: number } = {},
  ): Promise<Pod> {
    const { ready = true, port = 8080 } = options
    await plane.client.create(resources.pods, {
      metadata: { name, namespace, labels: { app: 'web' } },
      spec: {
        nodeName: 'node-1',
        containers: [{ name: 'web', image: 'x', ports: [{ name: 'web', containerPort: port }] }],
      },
    })
    return setReady(name, ready, ip)
  }
  const setReady = (name: string, ready: boolean, ip?: string): Promise<Pod> =>
    plane.client.patch(
      resources.pods,
      { namespace, name },
      {
        type: 'strategic',
        subresource: 'status',
        body: {
          status: {
            phase: 'Running',
            ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
            conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
          },
        },
      },
    )
  it('are meant for callers of their zone or node where the Service prefers that', async () => {
    await plane.client.create(resources.nodes, {
      metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'a' } },
      spec: {},
    })
    await pod('one', '10.0.0.1')
    await pod('two', '10.0.0.2', { ready: false })
    const hints = async (name: string, trafficDistribution: string): Promise<unknown[]> => {
      await service(name, { trafficDistribution })
      const endpoints = await waitFor(async () => {
        const found = (await slices(name)).flatMap((slice) => slice.endpoints ?? [])
        return found.length === 2 ? found : undefined
      })
      return endpoints
        .toSorted((a, b) => (a.addresses[0]! < b.addresses[0]! ? -1 : 1))
        .map((one) => one.hints)
    }
    const forZones = [{ name: 'a' }]
    expect(await hints('zone', 'PreferSameZone')).toEqual([{ forZones }, undefined])
    expect(await hints('close', 'PreferClose')).toEqual([{ forZones }, undefined])
    expect(await hints('node', 'PreferSameNode')).toEqual([
      { forNodes: [{ name: 'node-1' }], forZones },
      undefined,
    ])
  })

  const slices = async (name = 'web'): Promise<EndpointSlice[]> =>
    (
      await plane.client.list(resources.endpointSlices, {
        namespace,
        labelSelector: `kubernetes.io/service-name=${name}`,
      })
    ).items
  const addresses = async (name = 'web'): Promise<string[]> =>
    (await slices(name))
      .flatMap((slice) => slice.endpoints ?? [])
      .flatMap((endpoint) => endpoint.addresses)
      .sort()

  /** The address is there, and the empty slice that stood in for it is gone. */
  async function onlySlice(): Promise<void> {
    await waitFor(async () => (await addresses()).length === 1 && (await slices()).length === 1)
  }

  it('say what made them change', async () => {
    const annotation = 'endpoints.kubernetes.io/last-change-trigger-time'
    const { metadata } = await service('web')
    const endpoints = (): Promise<Endpoints> =>
      plane.client.get(resources.endpoints, { namespace, name: 'web' })
    const told = async (): Promise<unknown[]> =>
      [...(await slices()), await endpoints()].map((object) => object.metadata.annotations?.[annotation])
    const both = (time: string | undefined) => async (): Promise<boolean> => {
      const times = await told().catch(() => [])
      return times.length === 2 && times.every((one) => one === time)
    }
    await waitFor(both(metadata.creationTimestamp))
    const lastTransitionTime = '2040-01-02T03:04:05Z'
    await pod('a', '10.1.0.1', { ready: false })
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }]
    const patch = { type: 'strategic', subresource: 'status', body: { status: { conditions } } } as const
    await plane.client.patch(resources.pods, { namespace, name: 'a' }, patch)
    await waitFor(both(lastTransitionTime))
    // The labels of the Service are no change of its endpoints.
    const body = { metadata: { labels: { team: 'b' } } }
    await plane.client.patch(resources.services, { namespace, name: 'web' }, { type: 'merge', body })
    await waitFor(both(undefined))
  })

  it('lists ready and not ready pods with named ports, labels, owner and target', async () => {
    const owner = await service('web')
    await pod('a', '10.1.0.1')
    await pod('b', '10.1.0.2', { ready: false })
    await waitFor(async () => (await addresses()).length === 2)
    const [slice, ...more] = await slices()
    expect(more).toEqual([])
    expect(slice).toMatchObject({
      addressType: 'IPv4',
      metadata: {
        labels: {
          team: 'a',
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
        ownerReferences: [{ kind: 'Service', name: 'web', uid: owner.metadata.uid, controller: true }],
      },
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    })
    const byIp = Object.fromEntries(
      (slice?.endpoints ?? []).map((endpoint) => [endpoint.addresses[0], endpoint]),
    )
    expect(byIp['10.1.0.1']).toMatchObject({
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'node-1',
      targetRef: { kind: 'Pod', name: 'a', namespace },
    })
    expect(byIp['10.1.0.2']?.conditions).toEqual({ ready: false, serving: false, terminating: false })
    const endpoints = await waitFor(async () => {
      const found = await plane.client.get(resources.endpoints, { namespace, name: 'web' })
      return found.subsets?.[0]?.notReadyAddresses ? found : undefined
    })
    expect(endpoints.subsets).toMatchObject([
      {
        addresses: [{ ip: '10.1.0.1', nodeName: 'node-1', targetRef: { name: 'a' } }],
        notReadyAddresses: [{ ip: '10.1.0.2' }],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ])
  })

  it('follows readiness, termination and deletion, and keeps an empty slice', async () => {
    await service('web')
    await pod('a', '10.1.0.1')
    await waitFor(async () => (await slices())[0]?.endpoints?.[0]?.conditions?.ready === true)
    const [before] = await slices()
    await setReady('a', false)
    await waitFor(async () => (await slices())[0]?.endpoints?.[0]?.conditions?.ready === false)
    await setReady('a', true)
    await waitFor(async () => (await slices())[0]?.endpoints?.[0]?.conditions?.ready === true)
    await plane.client.delete(resources.pods, { namespace, name: 'a' })
    await waitFor(async () => (await slices())[0]?.endpoints?.[0]?.conditions?.terminating === true)
    expect((await slices())[0]?.endpoints?.[0]?.conditions).toEqual({
      ready: false,
      serving: true,
      terminating: true,
    })
    await plane.client.delete(resources.pods, { namespace, name: 'a' }, { gracePeriodSeconds: 0 })
    await waitFor(async () => (await addresses()).length === 0)
    expect((await slices()).length).toBe(1)
    expect(before?.metadata.name).toMatch(/^web-/)
  })

  it('makes slices of at most 100 and leaves the others alone when one endpoint changes', async () => {
    for (let i = 0; i < 250; i++) await pod(`p${i}`, `10.1.${i >> 8}.${i & 255}`)
    await service('web', { ports: [{ port: 80 }] })
    await waitFor(async () => (await addresses()).length === 250)
    const before = await slices()
    expect(before.map((slice) => slice.endpoints?.length).sort()).toEqual([100, 100, 50])
    await setReady('p7', false)
    const after = await waitFor(async () => {
      const found = await slices()
      const isSeen = found.some((slice) =>
        slice.endpoints?.some((endpoint) => endpoint.conditions?.ready === false),
      )
      return isSeen ? found : undefined
    })
    const versions = new Map(before.map(({ metadata }) => [metadata.name, metadata.resourceVersion]))
    const changed = after.filter(({ metadata }) => versions.get(metadata.name) !== metadata.resourceVersion)
    expect(changed).toHaveLength(1)
  })

  it('gives pods with other named ports slices of their own', async () => {
    await service('web')
    await pod('a', '10.1.0.1', { port: 8080 })
    await pod('b', '10.1.0.2', { port: 9090 })
    await waitFor(async () => (await addresses()).length === 2)
    await waitFor(async () => (await slices()).length === 2)
    const ports = (await slices()).map((slice) => slice.ports?.[0]?.port).sort()
    expect(ports).toEqual([8080, 9090])
  })

  it('marks headless services and publishes what is not ready when asked to', async () => {
    await service('web', { clusterIP: 'None', publishNotReadyAddresses: true })
    await pod('a', '10.1.0.1', { ready: false })
    await onlySlice()
    const [slice] = await slices()
    expect(slice?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '')
    expect(slice?.endpoints?.[0]?.conditions).toMatchObject({ ready: true, serving: false })
  })

  it('leaves services without selector to others and removes Endpoints with their service', async () => {
    await service('manual', { selector: {} })
    await service('web')
    await pod('a', '10.1.0.1')
    await waitFor(async () => (await addresses()).length === 1)
    expect(await slices('manual')).toEqual([])
    await waitFor(() => plane.client.get(resources.endpoints, { namespace, name: 'web' }))
    await plane.client.delete(resources.services, { namespace, name: 'web' })
    await waitFor(async () => {
      const all: Endpoints[] = (await plane.client.list(resources.endpoints, { namespace })).items
      return all.length === 0
    })
  })

  it('settles: no write follows once everything is as it should be', async () => {
    await service('web')
    await pod('a', '10.1.0.1')
    await onlySlice()
    await waitFor(
      async () => (await plane.client.get(resources.endpoints, { namespace, name: 'web' })).subsets,
    )
    const revision = plane.store.revision
    await plane.client.patch(
      resources.pods,
      { namespace, name: 'a' },
      { type: 'merge', body: { metadata: { annotations: { touched: 'yes' } } } },
    )
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(plane.store.revision).toBe(revision + 1)
  })
})
