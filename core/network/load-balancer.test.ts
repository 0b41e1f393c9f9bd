import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ServiceSpec } from '../api/generated/core-v1.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { createLoadBalancer, loopbackAddresses, type LoadBalancer } from './load-balancer.ts'
import { makeService } from './service-fixtures.ts'
import { freePort } from '../util/testing/free-port.ts'

const host = '127.0.0.1'

describe('load balancer', () => {
  let backend: Server
  let balancer: LoadBalancer
  let port: number

  async function listening(server: Server, at: number): Promise<number> {
    server.listen(at, host)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  function make(addresses: string[]): LoadBalancer {
    return createLoadBalancer({
      addresses,
      balancer: { choose: ({ port: chosen }) => ({ ip: '10.244.1.2', port: chosen.port }) },
      dialer: {
        dialEndpoint: async () => connect((backend.address() as AddressInfo).port, host),
        dialDatagrams: () => Promise.reject(new Error('no datagrams here')),
      },
      clock: systemClock,
      log: silentLogger,
    })
  }

  beforeEach(async () => {
    backend = createServer((socket) => socket.end('hello'))
    await listening(backend, 0)
    port = await freePort()
    balancer = make(loopbackAddresses(process.platform))
  })
  afterEach(async () => {
    await balancer.close()
    backend.close()
    await once(backend, 'close')
  })

  const service = (name: string, more: ServiceSpec = {}) =>
    makeService(name, { type: 'LoadBalancer', ports: [{ port, nodePort: 30_080, protocol: 'TCP' }], ...more })

  async function call(ip: string, at = port): Promise<string> {
    const socket = connect(at, ip)
    await once(socket, 'connect')
    return text(socket)
  }

  it('opens the Service’s own ports, and closes them', async () => {
    expect(await balancer.ensure(service('web'))).toEqual({ ip: host, ports: [{ port, protocol: 'TCP' }] })
    expect(await call(host)).toBe('hello')
    await balancer.release('default/web')
    await expect(call(host)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('follows a change of ports and keeps the address', async () => {
    await balancer.ensure(service('web'))
    const other = await freePort()
    const ports = [{ port: other, protocol: 'TCP' }]
    expect(await balancer.ensure(service('web', { ports }))).toEqual({ ip: host, ports })
    expect(await call(host, other)).toBe('hello')
    await expect(call(host)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it.runIf(process.platform === 'linux')(
    'gives a second Service of the same port another address',
    async () => {
      await balancer.ensure(service('one'))
      const second = await balancer.ensure(service('two'))
      expect(second).toEqual({ ip: '127.0.0.2', ports: [{ port, protocol: 'TCP' }] })
      expect(await call('127.0.0.2')).toBe('hello')
      await balancer.release('default/one')
      expect((await balancer.ensure(service('two'))).ip).toBe('127.0.0.2')
    },
  )

  it('tells who holds a port, and opens it once it is free', async () => {
    const only = make([host])
    const holder = createServer()
    await listening(holder, port)
    const problem = (await only.ensure(service('web'))).ports[0]!
    expect(problem).toMatchObject({ port, protocol: 'TCP', error: { name: 'wheelhouse.io/PortInUse' } })
    expect(problem.error?.message).toMatch(
      new RegExp(`^${host}:${port} is in use by .*; its node port 127.0.0.1:30080 leads to the Service too$`),
    )
    holder.close()
    await once(holder, 'close')
    expect((await only.ensure(service('web'))).ports).toEqual([{ port, protocol: 'TCP' }])
    expect(await call(host)).toBe('hello')
    await only.close()
  })

  it('lets in whom loadBalancerSourceRanges name', async () => {
    await balancer.ensure(service('web', { loadBalancerSourceRanges: ['10.0.0.0/8'] }))
    await expect(call(host)).rejects.toMatchObject({ code: 'ECONNRESET' })
    await balancer.ensure(service('web', { loadBalancerSourceRanges: ['10.0.0.0/8', '127.0.0.0/8'] }))
    expect(await call(host)).toBe('hello')
  })

  it('says which protocol it does not carry', async () => {
    const { ports } = await balancer.ensure(service('web', { ports: [{ port, protocol: 'SCTP' }] }))
    expect(ports[0]?.error?.name).toBe('wheelhouse.io/ProtocolNotSupported')
  })
})
