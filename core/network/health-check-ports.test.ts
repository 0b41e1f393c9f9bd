import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from '../api/generated/core-v1.ts'
import type { EndpointSlice } from '../api/generated/discovery-v1.ts'
import { silentLogger } from '../util/logger.ts'
import { createHealthCheckPorts, type HealthCheckPorts } from './health-check-ports.ts'
import { createHostEntries, type HostEntries } from './host-entries.ts'
import { MemorySource } from './memory-source.ts'
import { makeService, makeSlice } from './service-fixtures.ts'
import { createServiceIndex } from './service-index.ts'

const healthCheckNodePort = 30_123
const local = makeService('web', {
  type: 'LoadBalancer',
  externalTrafficPolicy: 'Local',
  healthCheckNodePort,
})
const endpoint = (address: string, nodeName: string, isReady = true) => ({
  addresses: [address],
  nodeName,
  conditions: { ready: isReady, serving: true, terminating: !isReady },
})

describe('health check node ports', () => {
  let services: MemorySource<Service>
  let slices: MemorySource<EndpointSlice>
  let hostEntries: HostEntries
  let ports: HealthCheckPorts
  beforeEach(() => {
    services = new MemorySource()
    slices = new MemorySource()
    hostEntries = createHostEntries()
    ports = createHealthCheckPorts({
      node: { name: 'node-1', ip: '10.244.0.254' },
      host: { listen: '127.0.0.1', reach: '127.0.0.1' },
      services: createServiceIndex({ services, endpointSlices: slices }),
      hostEntries,
      log: silentLogger,
    })
  })
  afterEach(() => ports.close())

  const places = (): string[] => hostEntries.list().map(({ clusterIp, port }) => `${clusterIp}:${port}`)

  async function ask(): Promise<{ code: number; weight: string | null; body: unknown }> {
    const [entry] = hostEntries.list()
    const response = await fetch(`http://${entry?.endpoints[0]}/healthz`)
    const { status: code, headers } = response
    return { code, weight: headers.get('x-load-balancing-endpoint-weight'), body: await response.json() }
  }

  it('say whether the node has ready endpoints, those that terminate not being ready', async () => {
    services.put(local)
    slices.put(makeSlice('web', [endpoint('10.244.0.2', 'node-1'), endpoint('10.244.1.2', 'node-2')]))
    await expect.poll(places).toEqual([`10.244.0.254:${healthCheckNodePort}`])
    expect(await ask()).toEqual({
      code: 200,
      weight: '1',
      body: {
        service: { namespace: 'default', name: 'web' },
        localEndpoints: 1,
        serviceProxyHealthy: true,
      },
    })
    slices.put(makeSlice('web', [endpoint('10.244.0.2', 'node-1', false), endpoint('10.244.1.2', 'node-2')]))
    expect(await ask()).toMatchObject({ code: 503, weight: '0', body: { localEndpoints: 0 } })
    expect(hostEntries.nodes()).toEqual([])
  })

  it('close with the Service that has them', async () => {
    services.put(local)
    await expect.poll(places).toHaveLength(1)
    services.put(makeService('web', { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' }))
    expect(places()).toEqual([])
    services.put(local)
    await expect.poll(places).toHaveLength(1)
    services.delete('default', 'web')
    expect(places()).toEqual([])
  })
})
