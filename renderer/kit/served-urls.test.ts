import { describe, expect, it } from 'vitest'
import type { Service } from '../../core/api/generated/core-v1.ts'
import type { Ingress } from '../../core/api/generated/networking-v1.ts'
import { ingressRoutes, serviceUrls } from './served-urls.ts'

const metadata = { name: 'web', namespace: 'shop' }

describe('where a Service is open', () => {
  const service = (ports: object[], ingress: object[] = [{ ip: '127.0.0.1' }]): Service =>
    ({ metadata, spec: { ports }, status: { loadBalancer: { ingress } } }) as Service

  it('has an address per TCP port that is open', () => {
    const ports = [{ port: 80 }, { port: 8080 }, { port: 443 }, { port: 53, protocol: 'UDP' }]
    const status = [
      { ip: '127.0.0.2', ports: [{ port: 8080, protocol: 'TCP', error: 'wheelhouse.io/PortInUse' }] },
    ]
    expect(serviceUrls(service(ports, status))).toEqual(['http://127.0.0.2', 'https://127.0.0.2'])
    expect(serviceUrls(service([{ port: 8443, name: 'https' }]))).toEqual(['https://127.0.0.1:8443'])
    expect(serviceUrls(service(ports, []))).toEqual([])
  })
})

describe('where an Ingress is served', () => {
  const backend = { service: { name: 'web', port: { number: 80 } } }
  const at = {
    ip: '127.0.0.1',
    ports: [
      { port: 8080, protocol: 'TCP' },
      { port: 8443, protocol: 'TCP' },
    ],
  }
  const ingress = (host: string | undefined, more: object = {}, status: object[] = [at]): Ingress => ({
    metadata,
    spec: {
      rules: [{ ...(host && { host }), http: { paths: [{ path: '/api', pathType: 'Prefix', backend }] } }],
      ...more,
    },
    status: { loadBalancer: { ingress: status as [] } },
  })
  const of = (one: Ingress): Array<string | undefined> => {
    const [route] = ingressRoutes(one)
    return [route?.url, route?.curl]
  }

  it('opens hosts that lead here, and says how to ask for others', () => {
    expect(of(ingress('shop.localhost'))).toEqual(['http://shop.localhost:8080/api', undefined])
    expect(of(ingress(undefined))).toEqual(['http://127.0.0.1:8080/api', undefined])
    expect(of(ingress('api.example.com'))).toEqual([
      undefined,
      "curl -H 'Host: api.example.com' http://127.0.0.1:8080/api",
    ])
  })

  it('goes by HTTPS where TLS is set up', () => {
    const tls = { tls: [{ hosts: ['shop.localhost', 'api.example.com'] }] }
    expect(of(ingress('shop.localhost', tls))).toEqual(['https://shop.localhost:8443/api', undefined])
    expect(of(ingress('api.example.com', tls))).toEqual([
      undefined,
      'curl -k --resolve api.example.com:8443:127.0.0.1 https://api.example.com:8443/api',
    ])
  })

  it('goes by the name where the address is elsewhere, and has nothing while it is not served', () => {
    expect(of(ingress('api.example.com', {}, [{ ip: '192.0.2.1' }]))).toEqual([
      'http://api.example.com/api',
      undefined,
    ])
    expect(of(ingress('shop.localhost', {}, []))).toEqual([undefined, undefined])
  })

  it('ends with the default backend', () => {
    const routes = ingressRoutes(ingress('shop.localhost', { defaultBackend: backend }))
    expect(routes.map(({ url }) => url)).toEqual(['http://shop.localhost:8080/api', 'http://127.0.0.1:8080/'])
  })
})
