import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect as connectHttp2, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { connect, type AddressInfo, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect } from 'vitest'
import type { Secret } from '../../../api/generated/core-v1.ts'
import type { EndpointSlice } from '../../../api/generated/discovery-v1.ts'
import { FakeClock } from '../../../util/fake-clock.ts'
import { silentLogger } from '../../../util/logger.ts'
import { createBalancer } from '../../balancer.ts'
import { MemorySource } from '../../memory-source.ts'
import { makeService, makeSlice } from '../../service-fixtures.ts'
import { createServiceIndex } from '../../service-index.ts'
import { makeIngress, makePath } from '../ingress-fixtures.ts'
import { createIngressHost, type IngressHost } from '../ingress-host.ts'
import { createTestCertificate } from '../test-certificate.ts'

export const host = '127.0.0.1'

const prefix = 'nginx.ingress.kubernetes.io/'

/** The ingress of a cluster for each test, with endpoints that the test serves. */
export function useIngress() {
  let clock: FakeClock
  let ingress: IngressHost
  let slices: MemorySource<EndpointSlice>
  let secrets: Map<string, Secret>
  let servers: Server[]
  /** Whether an endpoint lets itself be connected to. */
  let connects: boolean

  beforeEach(async () => {
    clock = new FakeClock()
    servers = []
    secrets = new Map()
    connects = true
    slices = new MemorySource()
    const services = createServiceIndex({
      services: new MemorySource([makeService('web')]),
      endpointSlices: slices,
    })
    const certificate = await createTestCertificate('default')
    ingress = createIngressHost({
      host,
      services,
      balancer: createBalancer({ services, clock }),
      dialer: {
        async dialEndpoint(target) {
          if (!connects) return new Promise(() => undefined)
          const socket = connect(target.port, target.ip)
          await once(socket, 'connect')
          return socket
        },
        dialDatagrams: () => Promise.reject(new Error('no datagrams here')),
      },
      secret: (key) => secrets.get(key),
      defaultCertificate: async () => certificate,
      httpPorts: [0],
      httpsPorts: [0],
      clock,
      log: silentLogger,
    })
  })
  afterEach(async () => {
    await ingress.close()
    for (const server of servers) server.close()
  })

  async function listening(server: Server, address = host): Promise<number> {
    servers.push(server)
    server.listen(0, address)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  /** Serves an Ingress with these annotations before an endpoint; the ports for HTTP and HTTPS. */
  async function serve(annotations: Record<string, string>, server: Server): Promise<[number, number]> {
    const port = await listening(server)
    slices.put(makeSlice('web', [host], [{ name: '', port, protocol: 'TCP' }]))
    const named = Object.entries(annotations).map(([name, value]) => [prefix + name, value])
    const { ports } = await ingress.serve(
      makeIngress('web', { rules: [{ http: { paths: [makePath('/', 'web')] } }] }, Object.fromEntries(named)),
    )
    return [ports[0]!.port, ports[1]!.port]
  }

  async function ask(
    port: number,
    options: RequestOptions = {},
    body?: string | Buffer,
  ): Promise<IncomingMessage & { body: string }> {
    const call = httpRequest({ host, port, agent: false, ...options })
    call.end(body)
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    return Object.assign(response, { body: await text(response) })
  }

  const hello = (): Server => createServer((request, response) => response.end(`hello ${request.url}`))

  /** A method of a gRPC service: says the message back, and how it ended in the trailers. */
  function echo(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    expect(headers.te).toBe('trailers')
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.pipe(stream)
  }

  async function callGrpc(
    port: number,
  ): Promise<{ status: unknown; messages: string[]; grpcStatus: unknown }> {
    const session = connectHttp2(`https://${host}:${port}`, { rejectUnauthorized: false })
    const stream = session.request({
      ':method': 'POST',
      ':path': '/echo.Echo/Say',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const trailers = once(stream, 'trailers') as Promise<[IncomingHttpHeaders]>
    stream.write('one')
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    const [first] = (await once(stream, 'data')) as [Buffer]
    stream.end('two')
    const rest = await text(stream as Duplex)
    const [{ 'grpc-status': grpcStatus }] = await trailers
    session.close()
    await once(session, 'close')
    return { status: headers[':status'], messages: [first.toString(), rest], grpcStatus }
  }

  return {
    get clock() {
      return clock
    },
    get slices() {
      return slices
    },
    get secrets() {
      return secrets
    },
    get servers() {
      return servers
    },
    get connects() {
      return connects
    },
    set connects(value) {
      connects = value
    },
    listening,
    serve,
    ask,
    hello,
    echo,
    callGrpc,
  }
}
