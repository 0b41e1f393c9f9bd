import { once } from 'node:events'
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type Server,
} from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { connect as connectTls, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Secret, Service } from '../../api/generated/core-v1.ts'
import type { EndpointSlice } from '../../api/generated/discovery-v1.ts'
import { createTestCertificate } from './test-certificate.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { createBalancer } from '../balancer.ts'
import { MemorySource } from '../memory-source.ts'
import { makeService, makeSlice } from '../service-fixtures.ts'
import { createServiceIndex } from '../service-index.ts'
import { makeIngress, makePath } from './ingress-fixtures.ts'
import { createIngressHost, type IngressHost } from './ingress-host.ts'

const host = '127.0.0.1'
const example = makeIngress('web', {
  rules: [{ host: 'web.example', http: { paths: [makePath('/', 'web')] } }],
})

describe('ingress on this machine', () => {
  let backend: Server
  let sockets: WebSocketServer
  let ingress: IngressHost
  let services: MemorySource<Service>
  let slices: MemorySource<EndpointSlice>
  let secrets: Map<string, Secret>
  let seen: IncomingMessage[]
  let connections: number
  let refusals: number
  let certificates: Record<'default' | 'web', { certificate: string; key: string }>

  beforeAll(async () => {
    certificates = {
      default: await createTestCertificate('default'),
      web: await createTestCertificate('web'),
    }
    backend = createServer((request, response) => {
      seen.push(request)
      if (request.url === '/cut' && seen.length === 1) return void request.socket.destroy()
      if (request.method === 'POST') return void request.pipe(response)
      response.writeHead(200, { 'x-path': request.url })
      response.end(`hello ${request.headers.host}`)
    })
    backend.on('connection', () => connections++)
    sockets = new WebSocketServer({ server: backend })
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`got ${String(data)}`)))
    backend.listen(0, host)
    await once(backend, 'listening')
  })
  afterAll(async () => {
    sockets.close()
    backend.closeAllConnections()
    backend.close()
    await once(backend, 'close')
  })

  beforeEach(() => {
    seen = []
    connections = 0
    refusals = 0
    secrets = new Map()
    const { port } = backend.address() as AddressInfo
    services = new MemorySource([makeService('web')])
    slices = new MemorySource([makeSlice('web', [host], [{ name: '', port, protocol: 'TCP' }])])
    const index = createServiceIndex({ services, endpointSlices: slices })
    ingress = createIngressHost({
      host,
      services: index,
      balancer: createBalancer({ services: index, clock: systemClock }),
      dialer: {
        async dialEndpoint(target) {
          const socket = connect(target.port, target.ip)
          if (target.ip !== host) {
            refusals++
            socket.destroy()
            throw new Error('connection refused')
          }
          await once(socket, 'connect')
          return socket
        },
        dialDatagrams: () => Promise.reject(new Error('no datagrams here')),
      },
      secret: (key) => secrets.get(key),
      defaultCertificate: async () => certificates.default,
      httpPorts: [0],
      httpsPorts: [0],
      clock: systemClock,
      log: silentLogger,
    })
  })
  afterEach(() => ingress.close())

  async function ports(): Promise<[number, number]> {
    const served = await ingress.serve(example)
    return [served.ports[0]!.port, served.ports[1]!.port]
  }

  async function ask(
    port: number,
    options: RequestOptions = {},
    body?: string,
  ): Promise<IncomingMessage & { body: string }> {
    const request = httpRequest({ host, port, agent: false, headers: { host: 'web.example' }, ...options })
    request.end(body)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return Object.assign(response, { body: await text(response) })
  }

  it('leads a host to its Service and tells it of the caller', async () => {
    const [port] = await ports()
    const headers = { host: 'web.example', 'x-forwarded-for': '8.8.8.8', te: 'trailers' }
    const response = await ask(port, { path: '/a?b=c', headers })
    expect(response.body).toBe('hello web.example')
    expect(response.headers['x-path']).toBe('/a?b=c')
    expect(seen[0]!.headers).toMatchObject({
      'x-forwarded-for': host,
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'web.example',
      'x-forwarded-port': String(port),
    })
    expect(seen[0]!.headers.te).toBeUndefined()
  })

  it('answers 404 for other hosts and 503 without endpoints', async () => {
    const [port] = await ports()
    expect(await ask(port, { headers: { host: 'other.example' } })).toMatchObject({
      statusCode: 404,
      body: 'default backend - 404\n',
    })
    slices.put(makeSlice('web', []))
    expect((await ask(port)).statusCode).toBe(503)
  })

  it('keeps connections to endpoints', async () => {
    const [port] = await ports()
    for (let call = 0; call < 5; call++) await ask(port)
    expect(connections).toBe(1)
  })

  it('streams bodies both ways', async () => {
    const [port] = await ports()
    const request = httpRequest({ host, port, method: 'POST', headers: { host: 'web.example' } })
    request.write('one')
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const [first] = (await once(response, 'data')) as [Buffer]
    expect(first.toString()).toBe('one')
    request.end('two')
    const [second] = (await once(response, 'data')) as [Buffer]
    expect(second.toString()).toBe('two')
  })

  it('asks another endpoint where one cannot be reached, with the body whole', async () => {
    const [port] = await ports()
    const { port: alive } = backend.address() as AddressInfo
    slices.put(makeSlice('web', ['127.0.0.2', host], [{ name: '', port: alive, protocol: 'TCP' }]))
    while (refusals === 0) expect((await ask(port, { method: 'POST' }, 'body')).body).toBe('body')
  })

  it('asks again where a connection broke off before the answer, if that may be', async () => {
    const [port] = await ports()
    expect((await ask(port, { path: '/cut' })).statusCode).toBe(200)
    expect(seen).toHaveLength(2)
    seen = []
    expect((await ask(port, { path: '/cut', method: 'PATCH' }, 'x')).statusCode).toBe(502)
  })

  it('gives up where the only endpoint cannot be reached', async () => {
    const [port] = await ports()
    slices.put(makeSlice('web', ['127.0.0.2']))
    expect((await ask(port)).statusCode).toBe(502)
    expect(refusals).toBe(4)
  })

  it('passes WebSockets on', async () => {
    const [port] = await ports()
    const socket = new WebSocket(`ws://${host}:${port}/`, { headers: { host: 'web.example' } })
    await once(socket, 'open')
    socket.send('hello')
    const [data] = (await once(socket, 'message')) as [Buffer]
    expect(data.toString()).toBe('got hello')
    socket.close()
    await once(socket, 'close')
    const refused = new WebSocket(`ws://${host}:${port}/`)
    await expect(once(refused, 'open')).rejects.toThrow('404')
  })

  async function certificateFor(port: number, servername: string): Promise<string | string[] | undefined> {
    const socket = connectTls({ host, port, servername, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const certificate: PeerCertificate | DetailedPeerCertificate = socket.getPeerCertificate()
    socket.destroy()
    return certificate.subject.CN
  }

  it('shows the certificate of the host’s Secret, else its own, and follows a change', async () => {
    const { certificate, key } = certificates.web
    const tls = [{ hosts: ['web.example'], secretName: 'web' }]
    const { ports: open } = await ingress.serve({ ...example, spec: { ...example.spec, tls } })
    const [plain, port] = [open[0]!.port, open[1]!.port]
    expect(await certificateFor(port, 'web.example')).toBe('default')
    const data = {
      'tls.crt': Buffer.from(certificate).toString('base64'),
      'tls.key': Buffer.from(key).toString('base64'),
    }
    secrets.set('default/web', { metadata: { name: 'web' }, data })
    expect(await certificateFor(port, 'web.example')).toBe('web')
    expect(await certificateFor(port, 'other.example')).toBe('default')
    const redirect = await ask(plain, { path: '/x?y' })
    expect([redirect.statusCode, redirect.headers.location]).toEqual([308, `https://web.example:${port}/x?y`])
    const request = httpsRequest({
      host,
      port,
      servername: 'web.example',
      rejectUnauthorized: false,
      headers: { host: 'web.example' },
    })
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(await text(response)).toBe('hello web.example')
    expect(seen.at(-1)!.headers['x-forwarded-proto']).toBe('https')
  })

  it('speaks HTTP/2 to callers', async () => {
    const [, port] = await ports()
    const session = connectHttp2(`https://${host}:${port}`, { rejectUnauthorized: false })
    const stream = session.request({ ':path': '/two', ':authority': 'web.example', ':method': 'POST' })
    stream.end('over two')
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect([headers[':status'], await text(stream as Duplex)]).toEqual([200, 'over two'])
    expect(seen[0]!.headers.host).toBe('web.example')
    session.close()
    await once(session, 'close')
  })

  it('listens from the first Ingress to the last', async () => {
    const [port] = await ports()
    await ask(port)
    await ingress.release('default/other')
    await ask(port)
    await ingress.release('default/web')
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
