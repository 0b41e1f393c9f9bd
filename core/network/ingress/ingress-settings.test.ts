import { createServer } from 'node:http'
import { createSecureServer as createSecureHttp2Server, createServer as createHttp2Server } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { describe, expect, it } from 'vitest'
import { makeSlice } from '../service-fixtures.ts'
import { createTestCertificate } from './test-certificate.ts'
import { host, useIngress } from './testing/use-ingress.ts'

/** What ingress-nginx' annotations make of an Ingress, each with a real endpoint behind it. */
describe('settings of an Ingress', () => {
  const under = useIngress()
  const { listening, serve, ask, hello, echo, callGrpc } = under

  it('gives up where an endpoint says nothing for the time it may', async () => {
    const asked = new Promise<void>((resolve) => {
      under.servers.push(createServer(() => resolve()))
    })
    const [port] = await serve({ 'proxy-read-timeout': '7' }, under.servers[0]!)
    const answer = ask(port)
    await asked
    await under.clock.advance(6_000)
    await under.clock.advance(2_000)
    expect((await answer).statusCode).toBe(504)
  })

  it('gives up where no connection comes about in time', async () => {
    const [port] = await serve({ 'proxy-connect-timeout': '2' }, hello())
    under.connects = false
    const answer = ask(port, { method: 'POST' }, 'x')
    let isOver = false
    void answer.then(() => (isOver = true))
    while (!isOver) {
      await under.clock.advance(2_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await answer).statusCode).toBe(504)
  })

  it('takes bodies up to a size, 1 MiB unless told otherwise', async () => {
    const server = createServer((request, response) => {
      let bytes = 0
      request.on('data', (chunk: Buffer) => (bytes += chunk.length))
      request.on('end', () => response.end(String(bytes)))
    })
    const [port] = await serve({}, server)
    const post = (bytes: number, headers = {}): ReturnType<typeof ask> =>
      ask(port, { method: 'POST', headers }, Buffer.alloc(bytes))
    expect((await post(2 ** 20)).body).toBe(String(2 ** 20))
    expect((await post(2 ** 20 + 1)).statusCode).toBe(413)
    expect((await post(2 ** 20 + 1, { 'transfer-encoding': 'chunked' })).statusCode).toBe(413)
    await serve(
      { 'proxy-body-size': '2m' },
      createServer((request, response) => request.pipe(response)),
    )
    expect((await post(2 ** 20 + 1)).statusCode).toBe(200)
    await serve(
      { 'proxy-body-size': '0' },
      createServer((request, response) => request.pipe(response)),
    )
    expect((await post(3 * 2 ** 20)).statusCode).toBe(200)
  })

  it('lets in by source address', async () => {
    const [port] = await serve({ 'whitelist-source-range': '10.0.0.0/8, 192.0.2.1' }, hello())
    expect((await ask(port)).statusCode).toBe(403)
    await serve({ 'allowlist-source-range': '127.0.0.0/8' }, hello())
    expect((await ask(port)).body).toBe('hello /')
    await serve({ 'denylist-source-range': '127.0.0.1' }, hello())
    expect((await ask(port)).statusCode).toBe(403)
  })

  it('lets in who knows a password', async () => {
    const [port] = await serve(
      { 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'Here' },
      hello(),
    )
    expect((await ask(port)).statusCode).toBe(503)
    // `openssl passwd -apr1 -salt abcdefgh secret`
    const file = 'anna:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\nbert:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n'
    under.secrets.set('default/users', {
      metadata: { name: 'users' },
      data: { auth: Buffer.from(file).toString('base64') },
    })
    const refused = await ask(port)
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([401, 'Basic realm="Here"'])
    expect((await ask(port, { auth: 'anna:secret' })).body).toBe('hello /')
    expect((await ask(port, { auth: 'bert:secret' })).body).toBe('hello /')
    for (const auth of ['anna:Secret', 'bert:', 'carl:secret']) {
      expect((await ask(port, { auth })).statusCode).toBe(401)
    }
  })

  it.each<Record<string, string>>([
    { 'auth-type': 'digest', 'auth-secret': 'users' },
    { 'auth-type': 'basic', 'auth-secret': 'other/users' },
    { 'auth-url': 'https://auth.example.com' },
    { 'auth-tls-secret': 'default/ca' },
  ])('lets nobody in where an authentication is asked for that it does not know: %j', async (annotations) => {
    const auth = Buffer.from('anna:{PLAIN}secret').toString('base64')
    under.secrets.set('other/users', { metadata: { name: 'users', namespace: 'other' }, data: { auth } })
    const [port] = await serve(annotations, hello())
    expect((await ask(port, { auth: 'anna:secret' })).statusCode).toBe(503)
  })

  it.each(['10.0.0.0/33', '10.0.0.0/abc', '10.0.0.0/', '::/129', 'nonsense'])(
    'lets nobody in by a range that is none: %s',
    async (range) => {
      const [port] = await serve({ 'allowlist-source-range': range }, hello())
      expect((await ask(port)).statusCode).toBe(403)
      await serve({ 'denylist-source-range': range }, hello())
      expect((await ask(port)).body).toBe('hello /')
    },
  )

  it.each<Record<string, string>>([
    { 'enable-cors': 'true', 'cors-allow-methods': 'GET\nX-Other: 1' },
    { affinity: 'cookie', 'session-cookie-path': '/\r\nSet-Cookie: a=b' },
    { affinity: 'cookie', 'session-cookie-name': '이름' },
  ])('writes no header that is none: %j', async (annotations) => {
    const [port] = await serve(annotations, hello())
    const { statusCode, body, headers } = await ask(port, { headers: { origin: 'https://a.test' } })
    expect([statusCode, body, headers['x-other']]).toEqual([200, 'hello /', undefined])
  })

  it('answers browsers of other origins', async () => {
    const annotations = {
      'enable-cors': 'true',
      'cors-allow-origin': 'https://*.example.com, https://a.test',
    }
    const [port] = await serve(annotations, hello())
    const from = (origin: string, method = 'GET'): ReturnType<typeof ask> =>
      ask(port, { method, headers: { origin } })
    const preflight = await from('https://app.example.com', 'OPTIONS')
    expect(preflight.statusCode).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
      'access-control-max-age': '1728000',
    })
    const got = await from('https://a.test')
    expect([got.body, got.headers['access-control-allow-origin']]).toEqual(['hello /', 'https://a.test'])
    for (const origin of ['https://example.com', 'https://x.y.example.com', 'https://a.test.evil']) {
      expect((await from(origin)).headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  it('keeps a caller at one endpoint by a cookie', async () => {
    const annotations = { affinity: 'cookie', 'session-cookie-name': 'route', 'session-cookie-max-age': '60' }
    const server = createServer((request, response) => {
      response.setHeader('set-cookie', 'own=1')
      response.end(request.socket.localAddress)
    })
    const port = await listening(server, '0.0.0.0')
    const [at] = await serve(annotations, hello())
    under.slices.put(makeSlice('web', [host, '127.0.0.2'], [{ name: '', port, protocol: 'TCP' }]))
    const first = await ask(at)
    const cookies = first.headers['set-cookie'] ?? []
    expect(cookies).toEqual([
      'own=1',
      expect.stringMatching(/^route=[0-9a-f]{32}; Path=\/; Max-Age=60; HttpOnly$/),
    ])
    const cookie = cookies[1]!.split(';')[0]!
    for (let call = 0; call < 20; call++) {
      const again = await ask(at, { headers: { cookie } })
      expect([again.body, again.headers['set-cookie']]).toEqual([first.body, ['own=1']])
    }
    const other = first.body === host ? '127.0.0.2' : host
    under.slices.put(makeSlice('web', [other], [{ name: '', port, protocol: 'TCP' }]))
    const moved = await ask(at, { headers: { cookie } })
    expect([moved.body, moved.headers['set-cookie']?.length]).toEqual([other, 2])
  })

  it('speaks HTTPS to endpoints that want it', async () => {
    const { certificate: cert, key } = await createTestCertificate('endpoint')
    const server = createHttpsServer({ cert, key }, (request, response) => response.end('over TLS'))
    const [port] = await serve({ 'backend-protocol': 'HTTPS' }, server)
    expect((await ask(port)).body).toBe('over TLS')
    expect((await ask(port)).body).toBe('over TLS')
  })

  it('carries gRPC, message by message, with its trailers', async () => {
    const server = createHttp2Server().on('stream', echo)
    const [, port] = await serve({ 'backend-protocol': 'GRPC' }, server)
    expect(await callGrpc(port)).toEqual({ status: 200, messages: ['one', 'two'], grpcStatus: '0' })
    const { certificate: cert, key } = await createTestCertificate('endpoint')
    await serve({ 'backend-protocol': 'GRPCS' }, createSecureHttp2Server({ cert, key }).on('stream', echo))
    expect(await callGrpc(port)).toEqual({ status: 200, messages: ['one', 'two'], grpcStatus: '0' })
  })
})
