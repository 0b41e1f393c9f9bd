import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect as connectH2 } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { notFound, serviceUnavailable } from '../../api/status.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { rewriteHtml } from './rewrite-links.ts'

const services = '/api/v1/namespaces/default/services'

describe('the proxy subresources', () => {
  let test: TestServer
  let backend: Server
  let secure: Server
  const asked: { name: string; port: number | string }[] = []
  const portOf = (server: Server): number => (server.address() as AddressInfo).port

  beforeAll(async () => {
    backend = createServer((request, response) => void answer(request, response))
    backend.listen(0, '127.0.0.1')
    await once(backend, 'listening')
    const sockets = new WebSocketServer({ server: backend })
    sockets.on('connection', (socket, request) => {
      socket.send(request.url ?? '')
      socket.on('message', (text) => socket.send(`echo ${String(text)}`))
    })
    test = await startTestServer(() => ({
      proxy: {
        dialer: {
          dialService: ({ name, port }) => {
            asked.push({ name, port })
            if (name === 'missing') throw notFound({ group: '', resource: 'services' }, name)
            if (name === 'empty') throw serviceUnavailable(`no endpoints available for service "${name}"`)
            if (name === 'down') throw new Error('dial tcp 10.0.0.1:80: connect: connection refused')
            return open(portOf(name === 'secure' ? secure : backend))
          },
          dialPod: ({ name }, port) => {
            asked.push({ name, port })
            return open(portOf(backend))
          },
        },
        kubelet: (name, port) => {
          if (name !== 'n2' || (port !== '' && port !== '38999')) return undefined
          return open(portOf(backend))
        },
      },
    }))
    const { certificate, key } = await test.pki.ca.issue({ commonName: 'other', usages: ['server'] })
    secure = createTlsServer({ cert: certificate, key }, (_request, response) => response.end('over TLS'))
    secure.listen(0, '127.0.0.1')
    await once(secure, 'listening')
    for (const name of ['n1', 'n2'])
      await test.call('POST', '/api/v1/nodes', { body: { metadata: { name } } })
  })
  afterAll(async () => {
    await test.close()
    backend.close()
    backend.closeAllConnections()
    secure.close()
  })

  const open = async (port: number) => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://backend')
    if (pathname === '/page' || pathname === '/packed') {
      const html = '<a href="/next?x=1">on</a><img src="logo.png"><a href="https://else.where/">away</a>'
      const headers = { 'content-type': 'text/html; charset=utf-8', 'access-control-allow-origin': '*' }
      if (pathname === '/page') response.writeHead(200, headers).end(html)
      else response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(html))
      return
    }
    if (pathname === '/moved') {
      response.writeHead(302, { location: '/page/' }).end()
      return
    }
    let body = ''
    for await (const chunk of request) body += String(chunk)
    response.writeHead(pathname === '/teapot' ? 418 : 200, {
      'content-type': 'application/json',
      'x-own': 'yes',
    })
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }))
  }

  it('hands on method, path, query, headers and body, but no credentials', async () => {
    const headers = { authorization: 'Bearer admin-token', 'x-custom': 'kept', 'x-remote-user': 'forged' }
    const reply = await test.call('POST', `${services}/web:80/proxy/a%2Fb/c?x=1&y=%20`, {
      token: 'admin-token',
      headers,
      body: { hello: 'there' },
    })
    expect(reply.code).toBe(200)
    expect(reply.headers['x-own']).toBe('yes')
    expect(reply.json).toMatchObject({ method: 'POST', url: '/a%2Fb/c?x=1&y=%20', body: '{"hello":"there"}' })
    expect(reply.json.headers).toMatchObject({
      'x-custom': 'kept',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-uri': `${services}/web:80/proxy/a%2Fb/c`,
    })
    expect(reply.json.headers).not.toHaveProperty('authorization')
    expect(reply.json.headers).not.toHaveProperty('x-remote-user')
    expect(asked.at(-1)).toEqual({ name: 'web', port: 80 })
  })

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('takes %s', async (method) => {
    const reply = await test.call(method, `${services}/web/proxy/teapot`)
    expect([reply.code, reply.json.method]).toEqual([418, method])
    expect(asked.at(-1)).toEqual({ name: 'web', port: '' })
  })

  it('speaks to HTTP/2 clients too', async () => {
    const session = connectH2(`https://127.0.0.1:${test.port}`, {
      ca: test.pki.ca.certificate,
      cert: test.client.certificate,
      key: test.client.key,
    })
    const stream = session.request({ ':path': `${services}/web:http/proxy/x`, ':method': 'POST' })
    stream.end('body')
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    session.close()
    expect(JSON.parse(text)).toMatchObject({ url: '/x', body: 'body', method: 'POST' })
  })

  it('redirects to the slash that relative links need', async () => {
    const reply = await test.call('GET', `${services}/web/proxy?x=1`)
    expect([reply.code, reply.headers['location']]).toEqual([301, `${services}/web/proxy/?x=1`])
    expect((await test.call('GET', `${services}/web/proxy/`)).json.url).toBe('/')
  })

  it('rewrites links and redirects to lead through the proxy, and takes CORS headers out', async () => {
    const prefix = `${services}/web/proxy`
    const wanted = `<a href="${prefix}/next?x=1">on</a><img src="logo.png"><a href="https://else.where/">away</a>`
    const page = await test.call('GET', `${prefix}/page`)
    expect(page.raw.toString()).toBe(wanted)
    expect(page.headers).not.toHaveProperty('access-control-allow-origin')
    const { gunzipSync } = await import('node:zlib')
    expect(gunzipSync((await test.call('GET', `${prefix}/packed`)).raw).toString()).toBe(wanted)
    const moved = await test.call('GET', `${prefix}/moved`)
    expect([moved.code, moved.headers['location']]).toEqual([302, `${prefix}/page/`])
  })

  it.each([
    ['empty', 503, 'ServiceUnavailable', 'no endpoints available for service "empty"'],
    ['missing', 404, 'NotFound', 'services "missing" not found'],
    [
      'down:80',
      503,
      'ServiceUnavailable',
      'error trying to reach service: dial tcp 10.0.0.1:80: connect: connection refused',
    ],
    ['ftp:web:80', 400, 'BadRequest', 'invalid service request "ftp:web:80"'],
    ['a:b:c:d', 400, 'BadRequest', 'invalid service request "a:b:c:d"'],
  ])('refuses services/%s', async (id, code, reason, message) => {
    const reply = await test.call('GET', `${services}/${id}/proxy/`)
    expect([reply.code, reply.json.reason, reply.json.message]).toEqual([code, reason, message])
  })

  it('speaks TLS on demand, whoever signed the certificate', async () => {
    const reply = await test.call('GET', `${services}/https:secure:443/proxy/`)
    expect(reply.raw.toString()).toBe('over TLS')
  })

  it("goes to a pod's first declared port, or the one asked for", async () => {
    const pods = '/api/v1/namespaces/default/pods'
    const containers = [{ name: 'c', image: 'i', ports: [{ containerPort: 8080 }] }]
    await test.call('POST', pods, { body: { metadata: { name: 'p' }, spec: { containers } } })
    const early = await test.call('GET', `${pods}/p/proxy/x`)
    expect([early.code, early.json.message]).toEqual([400, 'address not allowed'])
    const status = { podIPs: [{ ip: '10.0.0.9' }], podIP: '10.0.0.9' }
    await test.call('PATCH', `${pods}/p/status`, {
      body: { status },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    await test.call('GET', `${pods}/p/proxy/x`)
    expect(asked.at(-1)).toEqual({ name: 'p', port: 8080 })
    await test.call('GET', `${pods}/p:9090/proxy/x`)
    expect(asked.at(-1)).toEqual({ name: 'p', port: 9090 })
    expect((await test.call('GET', `${pods}/none/proxy/x`)).code).toBe(404)
  })

  it('says that a node cannot be reached while no kubelet serves', async () => {
    const reply = await test.call('GET', '/api/v1/nodes/n1/proxy/metrics')
    expect([reply.code, reply.json.message]).toEqual([503, 'node "n1" cannot be reached on port 10250'])
  })

  it("goes to a node's kubelet, also by its port", async () => {
    for (const id of ['n2', 'n2:38999', 'https:n2:38999']) {
      expect((await test.call('GET', `/api/v1/nodes/${id}/proxy/echo`)).code).toBe(200)
    }
    const other = await test.call('GET', '/api/v1/nodes/n2:9100/proxy/metrics')
    expect([other.code, other.json.message]).toEqual([503, 'node "n2" cannot be reached on port 9100'])
  })

  it('asks for the verb of the method on the subresource', async () => {
    const reply = await test.call('DELETE', `${services}/web/proxy/x`, { token: 'user-token' })
    expect(reply.json.message).toContain('cannot delete resource "services/proxy"')
    expect((await test.call('GET', `${services}/web/proxy/x`, { token: 'user-token' })).code).toBe(200)
  })

  it('joins WebSockets', async () => {
    const { ca, cert, key } = test.connection()
    const url = `wss://127.0.0.1:${test.port}${services}/web/proxy/chat?room=1`
    const socket = new WebSocket(url, { ca, cert, key } as object)
    const texts: string[] = []
    socket.on('message', (text) => texts.push(String(text)))
    await once(socket, 'open')
    socket.send('hi')
    await expect.poll(() => texts).toEqual(['/chat?room=1', 'echo hi'])
    socket.close()
    await once(socket, 'close')
  })

  it('hands back what a destination answers that does not switch', async () => {
    const { ca, cert, key } = test.connection()
    const socket = new WebSocket(`wss://127.0.0.1:${test.port}${services}/https:secure:443/proxy/`, {
      ca,
      cert,
      key,
    } as object)
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(200)
    response.resume()
  })

  it('is in discovery', async () => {
    const { resources } = (await test.call('GET', '/api/v1')).json as { resources: { name: string }[] }
    const verbs = ['create', 'delete', 'get', 'patch', 'update']
    expect(resources).toContainEqual(
      expect.objectContaining({ name: 'nodes/proxy', kind: 'NodeProxyOptions', namespaced: false, verbs }),
    )
    expect(resources).toContainEqual(
      expect.objectContaining({ name: 'services/proxy', kind: 'ServiceProxyOptions', verbs }),
    )
  })
})

describe('rewriteHtml', () => {
  const context = { prefix: '/p/proxy', host: 'api:6443' }
  it.each([
    ['<a href=/x>', '<a href=/p/proxy/x>'],
    [`<a class="b" HREF='/x'>`, `<a class="b" HREF='/p/proxy/x'>`],
    ['<a href="//api:6443/x">', '<a href="/p/proxy/x">'],
    ['<a href="//other/x">', '<a href="//other/x">'],
    ['<a href="x">', '<a href="x">'],
    ['<a href="/p/proxy/x">', '<a href="/p/proxy/x">'],
    ['<div href="/x">', '<div href="/x">'],
    ['<!-- <a href="/x"> -->', '<!-- <a href="/x"> -->'],
    ['<form action="/post" title="a > b">', '<form action="/p/proxy/post" title="a > b">'],
  ])('%s', (html, wanted) => {
    expect(rewriteHtml(html, context)).toBe(wanted)
  })
})
