import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Ingress, IngressSpec } from '../../api/generated/networking-v1.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createIngressController } from './ingress.ts'

const ref = { namespace: 'default', name: 'web' }
const ports = [
  { port: 8080, protocol: 'TCP' },
  { port: 8443, protocol: 'TCP' },
]

describe('ingress controller', () => {
  let plane: TestControlPlane
  let controller: Controller
  let served: Set<string>

  beforeEach(async () => {
    plane = createTestControlPlane()
    served = new Set()
    await plane.client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
    controller = createIngressController(plane.dependencies, {
      async serve({ metadata }) {
        served.add(metadata.name)
        return { ip: '127.0.0.1', ports }
      },
      async release(key) {
        served.delete(key.split('/')[1] ?? '')
      },
    })
    await controller.start()
  })
  afterEach(async () => {
    await controller.stop()
    await plane.close()
  })

  function create(spec: IngressSpec, more: object = {}): Promise<Ingress> {
    const defaultBackend = { service: { name: 'web', port: { number: 80 } } }
    return plane.client.create(resources.ingresses, {
      metadata: { ...ref, ...more },
      spec: { defaultBackend, ...spec },
    })
  }
  function createClass(name: string, of: string, isDefault = false): Promise<unknown> {
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': String(isDefault) }
    return plane.client.create(resources.ingressClasses, {
      metadata: { name, annotations },
      spec: { controller: of },
    })
  }
  const address = async (): Promise<unknown> =>
    (await plane.client.get(resources.ingresses, ref)).status?.loadBalancer?.ingress

  it('serves its own class, and says where', async () => {
    await createClass('wheelhouse', 'wheelhouse.io/ingress')
    await create({ ingressClassName: 'wheelhouse' })
    await waitFor(async () => (await address()) !== undefined)
    expect(await address()).toEqual([{ ip: '127.0.0.1', ports }])
    await plane.client.delete(resources.ingresses, ref)
    await waitFor(() => served.size === 0)
  })

  it('serves a class that nobody defines until somebody does', async () => {
    await create({ ingressClassName: 'nginx' })
    await waitFor(async () => (await address()) !== undefined)
    await createClass('nginx', 'k8s.io/ingress-nginx')
    await waitFor(async () => (await address()) === undefined)
    expect(served.size).toBe(0)
    await plane.client.delete(resources.ingressClasses, { name: 'nginx' })
    await waitFor(() => served.has('web'))
  })

  it('serves what names no class unless the default is another’s', async () => {
    await create({})
    await waitFor(() => served.has('web'))
    await createClass('other', 'example.com/other', true)
    await waitFor(() => !served.has('web'))
  })

  it('leaves the status that another controller writes', async () => {
    await createClass('nginx', 'k8s.io/ingress-nginx')
    const created = await create({ ingressClassName: 'nginx' })
    const status = { loadBalancer: { ingress: [{ ip: '172.18.0.3' }] } }
    await plane.client.updateStatus(resources.ingresses, { ...created, status })
    await plane.client.create(resources.ingresses, {
      metadata: { namespace: 'default', name: 'ours' },
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    })
    await waitFor(() => served.has('ours'))
    expect(served.has('web')).toBe(false)
    expect(await address()).toEqual([{ ip: '172.18.0.3' }])
  })

  it('tells of what it does not do', async () => {
    await plane.client.create(resources.services, {
      metadata: ref,
      spec: { type: 'ExternalName', externalName: 'example.com' },
    })
    const annotations = {
      'nginx.ingress.kubernetes.io/limit-rps': '5',
      'nginx.ingress.kubernetes.io/ssl-redirect': 'true',
    }
    await create({ tls: [{ hosts: ['a.example'], secretName: 'missing' }] }, { annotations })
    await waitFor(() => served.has('web'))
    const messages = async (): Promise<string[]> => {
      await plane.flushEvents()
      const { items } = await plane.client.list(resources.events, { namespace: 'default' })
      return items.map(({ reason, message }) => `${reason}: ${message}`).sort()
    }
    expect(await messages()).toEqual([
      'BackendNotServed: service "web" is of type ExternalName, which is refused as a backend',
      'CertificateNotFound: secret "missing" does not exist; the default certificate is shown instead',
      'UnknownAnnotation: annotation nginx.ingress.kubernetes.io/limit-rps is not understood and has no effect',
    ])
  })
})
