import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { connect, createServer, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from '../api/generated/core-v1.ts'
import type { EndpointSlice } from '../api/generated/discovery-v1.ts'
import { systemClock } from '../util/clock.ts'
import type { EndpointTarget } from '../util/endpoint-dialer.ts'
import { silentLogger } from '../util/logger.ts'
import { createBalancer } from './balancer.ts'
import { MemorySource } from './memory-source.ts'
import { createNodePorts } from './node-ports.ts'
import { makeService, makeSlice } from './service-fixtures.ts'
import { createServiceIndex } from './service-index.ts'
import { freePort } from '../util/testing/free-port.ts'

const host = '127.0.0.1'

describe('node ports', () => {
  let services: MemorySource<Service>
  let slices: MemorySource<EndpointSlice>
  let dialed: EndpointTarget[]
  let problems: string[]
  let nodePorts: Disposable
  let nodePort: number
  const backend = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (data: Buffer) => socket.write(`got ${data.toString()}`))
    socket.on('end', () => socket.end('; bye'))
    socket.on('error', () => socket.destroy())
  })

  let udpBackend: ReturnType<typeof createSocket>

  beforeEach(async () => {
    udpBackend = createSocket('udp4')
    udpBackend.on('message', (datagram, from) =>
      udpBackend.send(`got ${datagram.toString()} from ${from.port}`, from.port),
    )
    udpBackend.bind(0, host)
    await once(udpBackend, 'listening')
    services = new MemorySource()
    dialed = []
    problems = []
    nodePort = await freePort()
    backend.listen(0, host)
    await once(backend, 'listening')
    slices = new MemorySource([makeSlice('web', ['10.244.1.2'])])
    const index = createServiceIndex({ services, endpointSlices: slices })
    nodePorts = createNodePorts({
      services: index,
      balancer: createBalancer({ services: index, clock: systemClock }),
      dialer: {
        async dialEndpoint(target) {
          dialed.push(target)
          return connect((backend.address() as AddressInfo).port, host)
        },
        async dialDatagrams(target) {
          dialed.push(target)
          const socket = createSocket('udp4')
          socket.connect(udpBackend.address().port, host)
          await once(socket, 'connect')
          return socket
        },
      },
      hosts: [host],
      onProblem: (service, message) => problems.push(`${service.metadata.name}: ${message}`),
      clock: systemClock,
      log: silentLogger,
    })
  })
  afterEach(async () => {
    nodePorts[Symbol.dispose]()
    udpBackend.close()
    backend.close()
    await once(backend, 'close')
  })

  function expose(name: string, type = 'NodePort', port = 80, protocol = 'TCP'): void {
    services.put(makeService(name, { type, clusterIP: '10.96.0.20', ports: [{ port, nodePort, protocol }] }))
  }

  /** What comes back for `hello`; rejects when nobody listens or the connection is reset. */
  async function call(): Promise<string> {
    for (let tries = 0; ; tries++) {
      const socket = connect(nodePort, host)
      try {
        await once(socket, 'connect')
        socket.end('hello')
        return await text(socket)
      } catch (error) {
        // A listener opens and closes in the turns after the change.
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || tries === 20) throw error
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  it('lead to the Service by its own port, half-closed streams included', async () => {
    expose('web')
    expect(await call()).toBe('got hello; bye')
    expect(dialed).toEqual([{ ip: '10.244.1.2', port: 8080 }])
    expose('web', 'LoadBalancer', 81)
    slices.put(makeSlice('web', ['10.244.1.3'], [{ name: '', port: 8081, protocol: 'TCP' }]))
    expect(await call()).toBe('got hello; bye')
    expect(dialed.at(-1)).toEqual({ ip: '10.244.1.3', port: 8081 })
  })

  it('reset a connection that no endpoint can take', async () => {
    expose('empty')
    await expect(call()).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('close when the Service is no such Service any more, or is gone', async () => {
    expose('web')
    await call()
    expose('web', 'ClusterIP')
    await expect(call()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expose('web')
    await call()
    services.delete('default', 'web')
    await expect(call()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('tell of a port that another program has', async () => {
    const other = createServer().listen(nodePort, host)
    await once(other, 'listening')
    expose('web')
    while (problems.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(problems).toEqual([
      expect.stringMatching(
        `^web: node port ${nodePort} cannot be opened: ${host}:${nodePort} is in use by .*\\(process ${process.pid}\\)$`,
      ),
    ])
    other.close()
    await once(other, 'close')
  })
  it('carry datagrams, those of one client to one endpoint', async () => {
    slices.put(makeSlice('web', ['10.244.1.2', '10.244.1.3'], [{ name: '', port: 5353, protocol: 'UDP' }]))
    expose('web', 'NodePort', 53, 'UDP')
    const client = createSocket('udp4')
    client.bind(0, host)
    await once(client, 'listening')
    const ask = async (text: string): Promise<string> => {
      for (;;) {
        client.send(text, nodePort, host)
        const answer = once(client, 'message') as Promise<[Buffer]>
        const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 200))
        const got = await Promise.race([answer, late])
        // Sent before the port was open.
        if (got) return got[0].toString()
      }
    }
    const first = await ask('one')
    expect(first).toMatch(/^got one from \d+$/)
    expect(await ask('two')).toBe(first.replace('one', 'two'))
    expect(dialed).toHaveLength(1)
    client.close()
  })
})
