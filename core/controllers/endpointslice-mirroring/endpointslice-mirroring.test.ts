import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Endpoints, Service } from '../../api/generated/core-v1.ts'
import type { EndpointSlice } from '../../api/generated/discovery-v1.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createEndpointSliceMirroringController } from './endpointslice-mirroring.ts'

const namespace = 'default'
let plane: TestControlPlane
let controller: Controller
beforeEach(async () => {
  plane = createTestControlPlane()
  await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
  controller = createEndpointSliceMirroringController(plane.dependencies)
  await controller.start()
})
afterEach(async () => {
  await controller.stop()
  await plane.close()
})

const slices = async (): Promise<EndpointSlice[]> =>
  (await plane.client.list(resources.endpointSlices, { namespace })).items
const service = (name: string, spec: Partial<Service['spec']> = {}): Promise<Service> =>
  plane.client.create(resources.services, {
    metadata: { name, namespace },
    spec: { ports: [{ port: 80 }], ...spec },
  })
const endpoints = (name: string, more: Partial<Endpoints> = {}): Promise<Endpoints> =>
  plane.client.create(resources.endpoints, {
    metadata: { name, namespace, labels: { tier: 'outside' } },
    subsets: [
      {
        addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }],
        notReadyAddresses: [{ ip: '192.0.2.2' }],
        ports: [{ name: 'http', port: 8080 }],
      },
    ],
    ...more,
  })

it('mirrors Endpoints kept by hand, a slice for each address family', async () => {
  await service('db')
  const made = await endpoints('db')
  await waitFor(async () => (await slices()).length === 2)
  const [v4, v6] = (await slices()).sort((a, b) => (a.addressType < b.addressType ? -1 : 1))
  expect(v4).toMatchObject({
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [
      { addresses: ['192.0.2.1'], conditions: { ready: true } },
      { addresses: ['192.0.2.2'], conditions: { ready: false } },
    ],
  })
  expect(v4?.metadata.generateName).toBe('db-')
  expect(v4?.metadata.labels).toEqual({
    tier: 'outside',
    'kubernetes.io/service-name': 'db',
    'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
  })
  expect(v4?.metadata.ownerReferences?.[0]).toMatchObject({
    kind: 'Endpoints',
    name: 'db',
    uid: made.metadata.uid,
  })
  expect(v6?.endpoints?.map(({ addresses }) => addresses)).toEqual([['2001:db8::1']])
})

it('follows their changes and keeps the slice', async () => {
  await service('db')
  const made = await endpoints('db', {
    subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 1 }] }],
  })
  await waitFor(async () => (await slices()).length === 1)
  const [before] = await slices()
  await plane.client.update(resources.endpoints, {
    ...made,
    subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 1 }] }],
  })
  await waitFor(async () => (await slices())[0]?.endpoints?.[0]?.addresses[0] === '192.0.2.9')
  expect((await slices()).map(({ metadata }) => metadata.uid)).toEqual([before?.metadata.uid])
  await plane.client.delete(resources.endpoints, { namespace, name: 'db' })
  await waitFor(async () => (await slices()).length === 0)
})

it('leaves alone what has a selector, no service, or asks not to be mirrored', async () => {
  await service('selected', { selector: { app: 'web' } })
  await endpoints('selected')
  await endpoints('nobody')
  await service('skipped')
  await endpoints('skipped', {
    metadata: { name: 'skipped', namespace, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
  })
  await service('db')
  await endpoints('db')
  await waitFor(async () => (await slices()).length === 2)
  expect((await slices()).every(({ metadata }) => metadata.generateName === 'db-')).toBe(true)
  await service('nobody')
  await waitFor(async () => (await slices()).length === 4)
})
