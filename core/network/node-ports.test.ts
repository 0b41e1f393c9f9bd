import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from '../api/generated/core-v1.ts'
import { silentLogger } from '../util/logger.ts'
import type { ServicePortRef } from '../util/service-dialer.ts'
import { MemorySource } from './memory-source.ts'
import { createNodePorts } from './node-ports.ts'
import { makeService } from './service-fixtures.ts'
import { createServiceIndex } from './service-index.ts'

const host = '127.0.0.1'

/** A port that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('node ports', () => {
  let services: MemorySource<Service>
  let dialed: ServicePortRef[]
  let problems: string[]
  let nodePorts: Disposable
  let nodePort: number
  const backend = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (data: Buffer) => socket.write(`got ${data.toString()}`))
    socket.on('end', () => socket.end('; bye'))
    socket.on('error', () => socket.destroy())
  })

  beforeEach(async () => {
    services = new MemorySource()
    dialed = []
    problems = []
    nodePort = await freePort()
    backend.listen(0, host)
    await once(backend, 'listening')
    nodePorts = createNodePorts({
      services: createServiceIndex({ services, endpointSlices: new MemorySource() }),
      dialer: {
        async dialService(ref) {
          dialed.push(ref)
          if (ref.name === 'empty') throw new Error('no endpoints available for service "empty"')
          return connect((backend.address() as AddressInfo).port, host)
        },
      },
      hosts: [host],
      onProblem: (service, message) => problems.push(`${service.metadata.name}: ${message}`),
      log: silentLogger,
    })
  })
  afterEach(async () => {
    nodePorts[Symbol.dispose]()
    backend.close()
    await once(backend, 'close')
  })

  function expose(name: string, type = 'NodePort', port = 80): void {
    services.put(
      makeService(name, { type, clusterIP: '10.96.0.20', ports: [{ port, nodePort, protocol: 'TCP' }] }),
    )
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
    expect(dialed).toEqual([{ namespace: 'default', name: 'web', port: 80 }])
    expose('web', 'LoadBalancer', 81)
    expect(await call()).toBe('got hello; bye')
    expect(dialed.at(-1)?.port).toBe(81)
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
      `web: node port ${nodePort} cannot be opened: listen EADDRINUSE: address already in use ${host}:${nodePort}`,
    ])
    other.close()
    await once(other, 'close')
  })
})
