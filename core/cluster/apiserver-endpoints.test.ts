import { afterAll, beforeAll, describe, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { hasEtcd, startEtcd, type EtcdProcess } from '../storage/testing/etcd-process.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { silentLogger } from '../util/logger.ts'
import { createApiServerEndpoints, type ApiServerEndpoints } from './apiserver-endpoints.ts'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'
import { waitFor } from './testing/wait-for.ts'

interface Server {
  served: ServedControlPlane
  endpoints: ApiServerEndpoints
  clock: FakeClock
}

describe.runIf(hasEtcd)('the endpoints of the kubernetes Service', () => {
  let etcd: EtcdProcess
  const servers: Server[] = []
  beforeAll(async () => {
    etcd = await startEtcd()
  })
  afterAll(async () => {
    for (const { served } of servers) await served[Symbol.asyncDispose]()
    await etcd.stop()
  })

  async function server(ip: string, port = 6443): Promise<Server> {
    const first = servers[0]
    const served = await serveControlPlane({
      etcd: { endpoints: [etcd.endpoint] },
      encryptionKey: Buffer.alloc(32, 1),
    })
    // Each has a clock of its own, a year off from the other.
    const clock = new FakeClock(Date.UTC(first ? 2027 : 2026))
    const { transport } = served.client
    const endpoints = createApiServerEndpoints({
      store: served.plane.store,
      transport,
      clock,
      log: silentLogger,
    })
    await endpoints.advertise({ ip, port })
    const one = { served, endpoints, clock }
    servers.push(one)
    return one
  }
  /** `ip:port` of all, by the slices and by the Endpoints. */
  async function addresses({ served: { client } }: Server): Promise<string[][]> {
    const { items } = await client.list(resources.endpointSlices, {
      namespace: 'default',
      labelSelector: 'kubernetes.io/service-name=kubernetes',
    })
    const { subsets = [] } = await client.get(resources.endpoints, {
      namespace: 'default',
      name: 'kubernetes',
    })
    return [
      items.flatMap(({ endpoints = [], ports = [] }) =>
        endpoints.map((one) => `${one.addresses[0]}:${ports[0]!.port}`),
      ),
      subsets.flatMap((subset) =>
        (subset.addresses ?? []).map(({ ip }) => `${ip}:${subset.ports![0]!.port}`),
      ),
    ].map((list) => list.toSorted())
  }
  const become = (at: Server, ...expected: string[]): Promise<unknown> =>
    waitFor(async () => JSON.stringify(await addresses(at)) === JSON.stringify([expected, expected]))

  it('are all servers that live, whatever their ports', async () => {
    const a = await server('192.0.2.1')
    await become(a, '192.0.2.1:6443')
    const b = await server('192.0.2.2')
    await become(a, '192.0.2.1:6443', '192.0.2.2:6443')
    const c = await server('192.0.2.2', 7443)
    await become(a, '192.0.2.1:6443', '192.0.2.2:6443', '192.0.2.2:7443')

    // One ends in order, one falls silent.
    await c.endpoints.close()
    await become(a, '192.0.2.1:6443', '192.0.2.2:6443')
    await a.clock.advance(10_000)
    await become(b, '192.0.2.1:6443', '192.0.2.2:6443')
    await waitFor(async () => {
      await a.clock.advance(10_000)
      return JSON.stringify(await addresses(b)) === '[["192.0.2.1:6443"],["192.0.2.1:6443"]]'
    })
    // The one that was taken for dead comes back with its next sign of life.
    await b.clock.advance(10_000)
    await become(a, '192.0.2.1:6443', '192.0.2.2:6443')
  })
})
