import { request, type IncomingHttpHeaders } from 'node:http'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { PortForward } from '../api/gateway.ts'
import type { LiveMessage, LiveTarget } from '../api/live.ts'
import type { KubeObject } from '../api/meta.ts'
import type { Status } from '../api/status.ts'
import { openCertificateAuthority } from '../auth/certificate-authority.ts'
import { createFakeNodeBackend } from '../server/streaming/fake-node-backend.ts'
import { createStreamingHandler } from '../server/streaming/streaming-handler.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { refusal, startFakeApiServer, type FakeApiServer } from './fake-api-server.ts'
import { createGateway, type Gateway } from './gateway.ts'

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-gateway-'))
const pages = join(directory, 'page')
const preferencesFile = join(directory, 'data', 'preferences.json')
let tls: { key: string; certificate: string }
let ca = ''
let api: FakeApiServer
let gateway: Gateway

beforeAll(async () => {
  const authority = await openCertificateAuthority(join(directory, 'pki'), systemClock)
  const issued = await authority.issue({ commonName: 'api', ipAddresses: ['127.0.0.1'], usages: ['server'] })
  tls = { key: issued.key, certificate: issued.certificate }
  ca = authority.certificate
  mkdirSync(join(pages, 'assets'), { recursive: true })
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(pages, 'assets', 'app-Ab12Cd34.js'), 'export {}')
  writeFileSync(join(directory, 'secret.txt'), 'secret')
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

beforeEach(async () => {
  api = await startFakeApiServer(tls)
  gateway = await createGateway({
    clusters: [
      {
        id: 'local',
        name: 'local',
        server: api.url,
        ca,
        token: 'cluster-token',
        builtIn: true,
        explainScheduling: (podKey) =>
          podKey === 'shop/web'
            ? {
                podKey,
                at: 1,
                chosen: undefined,
                message: 'no node',
                verdicts: [{ node: 'n', rejectedBy: 'P' }],
              }
            : undefined,
      },
      { id: 'gone', name: 'gone', server: 'https://127.0.0.1:1', ca, builtIn: false },
    ],
    staticDirectory: pages,
    port: 0,
    preferencesFile,
    clock: systemClock,
    log: silentLogger,
  })
})
afterEach(async () => {
  await gateway.close()
  await api.close()
})

interface Answer {
  code: number
  headers: IncomingHttpHeaders
  body: string
}

/** A request as any program could send it, without fetch's own rules about headers. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const sent = request({ host: '127.0.0.1', port: gateway.port, path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () =>
        resolve({ code: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const bearer = (): Record<string, string> => ({ authorization: `Bearer ${gateway.token}` })

async function cookie(): Promise<string> {
  const { headers } = await ask(`/?token=${gateway.token}`)
  return headers['set-cookie']![0]!.split(';')[0]!
}

describe('access', () => {
  it('trades the token for a cookie that scripts and other sites cannot use, and goes on without it', async () => {
    const answer = await ask(`/?token=${gateway.token}&a=b`)
    expect(answer.code).toBe(303)
    expect(answer.headers.location).toBe('/?a=b')
    expect(answer.headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Strict$/)
    const page = await ask('/', { headers: { cookie: await cookie() } })
    expect(page.code).toBe(200)
    expect(page.body).toContain('<title>page</title>')
  })

  it('never redirects to another host', async () => {
    const answer = await ask(`//evil.example/?token=${gateway.token}`)
    expect(answer.headers.location).toBe('/evil.example/')
  })

  it('refuses whoever has no token or a wrong one', async () => {
    expect((await ask('/')).code).toBe(401)
    expect((await ask('/?token=wrong')).code).toBe(401)
    expect((await ask('/api/clusters', { headers: { authorization: 'Bearer wrong' } })).code).toBe(401)
    expect((await ask('/clusters/local/k8s/version')).code).toBe(401)
    const page = await ask('/', { headers: { accept: 'text/html' } })
    expect(page.headers['content-type']).toContain('text/html')
    const status = JSON.parse((await ask('/api/clusters')).body) as Status
    expect(status).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized' })
    expect(api.requests).toEqual([])
  })

  it('refuses other host names, so that a rebound DNS name reaches nothing', async () => {
    const headers = { ...bearer(), host: `evil.example:${gateway.port}` }
    expect((await ask('/api/clusters', { headers })).code).toBe(421)
    expect((await ask(`/?token=${gateway.token}`, { headers })).code).toBe(421)
    expect(
      (await ask('/api/clusters', { headers: { ...bearer(), host: `localhost:${gateway.port}` } })).code,
    ).toBe(200)
  })

  it('refuses changes that come from another site, and from a browser that names none', async () => {
    const own = { cookie: await cookie() }
    const put = (headers: Record<string, string>): Promise<Answer> =>
      ask('/api/preferences', { method: 'PUT', headers, body: '{}' })
    expect((await put({ ...own, origin: 'https://evil.example' })).code).toBe(403)
    expect((await put(own)).code).toBe(403)
    expect((await put({ ...own, origin: `http://127.0.0.1:${gateway.port + 1}` })).code).toBe(403)
    expect((await put({ ...own, origin: `http://127.0.0.1:${gateway.port}` })).code).toBe(200)
    expect((await put(bearer())).code).toBe(200)
    expect((await ask('/api/clusters', { headers: { ...own, 'sec-fetch-site': 'cross-site' } })).code).toBe(
      403,
    )
  })

  it('refuses WebSockets from another site', async () => {
    const open = (headers: Record<string, string>): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/live`, { headers })
        socket.once('open', () => {
          socket.terminate()
          resolve(101)
        })
        socket.on('error', () => undefined)
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      })
    const own = { cookie: await cookie() }
    expect(await open({ ...own, origin: 'https://evil.example' })).toBe(403)
    expect(await open(own)).toBe(403)
    expect(await open({})).toBe(403)
    expect(await open({ origin: `http://127.0.0.1:${gateway.port}` })).toBe(401)
    expect(await open({ ...own, origin: `http://127.0.0.1:${gateway.port}` })).toBe(101)
  })

  it('tells browsers to be strict', async () => {
    const { headers } = await ask('/', { headers: bearer() })
    const policy = headers['content-security-policy']!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe-eval')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
  })
})

describe('static files', () => {
  it('serves files with their types, hashed ones to be kept, and the page for its routes', async () => {
    const script = await ask('/assets/app-Ab12Cd34.js', { headers: bearer() })
    expect(script.headers['content-type']).toContain('text/javascript')
    expect(script.headers['cache-control']).toContain('immutable')
    const again = await ask('/assets/app-Ab12Cd34.js', {
      headers: { ...bearer(), 'if-none-match': String(script.headers.etag) },
    })
    expect(again.code).toBe(304)
    expect((await ask('/c/local/pods', { headers: bearer() })).body).toContain('<title>page</title>')
    expect((await ask('/missing.js', { headers: bearer() })).code).toBe(404)
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/.env',
    '/%00.txt',
  ])('gives nothing outside the page for %s', async (path) => {
    const answer = await ask(path, { headers: bearer() })
    expect(answer.code).toBe(404)
    expect(answer.body).not.toContain('secret\n')
  })

  it('takes a reader that leaves for no failure of its own', async () => {
    const failures: string[] = []
    const log = { ...silentLogger, error: (message: string) => void failures.push(message) }
    writeFileSync(join(pages, 'large.txt'), 'x'.repeat(20_000_000))
    const options = { clusters: [], staticDirectory: pages, preferencesFile, clock: systemClock, port: 0 }
    const other = await createGateway({ ...options, log })
    await new Promise<void>((resolve) => {
      const headers = { authorization: `Bearer ${other.token}` }
      const left = request({ host: '127.0.0.1', port: other.port, path: '/large.txt', headers }, (answer) => {
        answer.once('data', () => left.destroy())
        answer.once('close', resolve)
        answer.on('error', () => undefined)
      })
      left.on('error', () => undefined)
      left.end()
    })
    // Answered after the one that was left.
    await fetch(`http://127.0.0.1:${other.port}/`, { headers: { authorization: `Bearer ${other.token}` } })
    await other.close()
    expect(failures).toEqual([])
  })

  it('says how to build a page that is not there', async () => {
    const other = await createGateway({
      clusters: [],
      staticDirectory: join(directory, 'nowhere'),
      port: gateway.port,
      preferencesFile,
      clock: systemClock,
      log: silentLogger,
    })
    expect(other.port).not.toBe(gateway.port)
    const answer = await fetch(`http://127.0.0.1:${other.port}/`, {
      headers: { authorization: `Bearer ${other.token}` },
    })
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('npm run build')
    await other.close()
  })
})

describe('preferences', () => {
  it('keeps what was put, in a file for its owner only', async () => {
    const put = await ask('/api/preferences', { method: 'PUT', headers: bearer(), body: '{"theme":"dark"}' })
    expect(put.code).toBe(200)
    expect((await ask('/api/preferences', { headers: bearer() })).body).toBe('{"theme":"dark"}')
    expect(statSync(preferencesFile).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(preferencesFile, 'utf8'))).toEqual({ theme: 'dark' })
    const bad = await ask('/api/preferences', { method: 'PUT', headers: bearer(), body: '[1]' })
    expect(bad.code).toBe(400)
  })
})

describe('clusters', () => {
  it('tells which can be reached and their versions', async () => {
    const answer = JSON.parse((await ask('/api/clusters', { headers: bearer() })).body) as unknown
    expect(answer).toMatchObject([
      { id: 'local', state: 'ready', version: 'v1.36.0', builtIn: true },
      { id: 'gone', state: 'unreachable', message: expect.stringContaining('cannot be reached') as string },
    ])
  })
})

describe('scheduling', () => {
  const explain = (path: string, method = 'GET'): Promise<Answer> =>
    ask(`/api/clusters/${path}`, { method, headers: bearer() })

  it('tells how the latest attempt to place a pod went', async () => {
    const answer = await explain('local/scheduling/shop/web')
    expect(JSON.parse(answer.body)).toMatchObject({ message: 'no node', verdicts: [{ rejectedBy: 'P' }] })
  })

  it('knows nothing of other pods, of clusters with a scheduler elsewhere, and changes nothing', async () => {
    expect((await explain('local/scheduling/shop/other')).code).toBe(404)
    expect((await explain('gone/scheduling/shop/web')).code).toBe(404)
    expect((await explain('local/scheduling/shop/web', 'DELETE')).code).toBe(405)
  })
})

describe('proxy', () => {
  it("passes requests on under the cluster's credentials and none of the caller's", async () => {
    let seen: IncomingHttpHeaders = {}
    let body = ''
    api.routes.set('/api/v1/echo', (incoming, response) => {
      seen = incoming.headers
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()))
      incoming.on('end', () => {
        response.writeHead(201, { 'content-type': 'text/html', 'set-cookie': 'a=b' })
        response.end('<script>alert(1)</script>')
      })
    })
    const own = { cookie: await cookie(), origin: `http://127.0.0.1:${gateway.port}`, 'x-extra': '1' }
    const answer = await ask('/clusters/local/k8s/api/v1/echo?a=b%2Fc', {
      method: 'POST',
      headers: own,
      body: 'hello',
    })
    expect(answer.code).toBe(201)
    expect(body).toBe('hello')
    expect(seen.authorization).toBe('Bearer cluster-token')
    expect(seen.cookie).toBeUndefined()
    expect(seen.origin).toBeUndefined()
    expect(seen['x-extra']).toBe('1')
    expect(seen.host).toBe(`127.0.0.1:${api.port}`)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers['content-security-policy']).toContain('sandbox')
  })

  it('streams an answer as it comes and lets go of the server when the reader leaves', async () => {
    const closed = Promise.withResolvers<void>()
    api.routes.set('/api/v1/log', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('first\n')
      response.once('close', () => closed.resolve())
    })
    const abort = new AbortController()
    const response = await fetch(`http://127.0.0.1:${gateway.port}/clusters/local/k8s/api/v1/log`, {
      headers: bearer(),
      signal: abort.signal,
    })
    const reader = response.body!.getReader()
    expect(Buffer.from((await reader.read()).value).toString()).toBe('first\n')
    abort.abort()
    await closed.promise
  })

  it('gives a Status for a server that cannot be reached and for an unknown cluster', async () => {
    const gone = await ask('/clusters/gone/k8s/api', { headers: bearer() })
    expect(gone.code).toBe(503)
    expect(JSON.parse(gone.body)).toMatchObject({ kind: 'Status', reason: 'ServiceUnavailable' })
    expect((await ask('/clusters/other/k8s/api', { headers: bearer() })).code).toBe(404)
    api.routes.set('/api/v1/cut', (incoming) => incoming.socket.destroy())
    expect((await ask('/clusters/local/k8s/api/v1/cut', { headers: bearer() })).code).toBe(502)
  })

  it('passes WebSockets through, and refusals of them', async () => {
    const echo = new WebSocketServer({ noServer: true })
    api.onUpgrade = (incoming, socket, head) => {
      if (incoming.url !== '/api/v1/exec?a=b') {
        socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\n{}')
        return
      }
      echo.handleUpgrade(incoming, socket, head, (webSocket) =>
        webSocket.on('message', (data) => webSocket.send(data)),
      )
    }
    const base = `ws://127.0.0.1:${gateway.port}/clusters/local/k8s/api/v1`
    const socket = new WebSocket(`${base}/exec?a=b`, 'v5.channel.k8s.io', { headers: bearer() })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(Buffer.from('ping'))
    const answer = await new Promise<Buffer>((resolve) =>
      socket.once('message', (data) => resolve(data as Buffer)),
    )
    expect(answer.toString()).toBe('ping')
    socket.terminate()
    const refused = new WebSocket(`${base}/other`, { headers: bearer() })
    refused.on('error', () => undefined)
    const code = await new Promise((resolve) =>
      refused.once('unexpected-response', (_request, response) => resolve(response.statusCode)),
    )
    expect(code).toBe(403)
  })
})

function pod(name: string, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels } }
}

/** A page's side of `/live`. */
class LivePage {
  readonly messages: LiveMessage[] = []
  readonly socket: WebSocket
  #waiting: Array<() => void> = []

  constructor() {
    this.socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/live`, { headers: bearer() })
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse((data as Buffer).toString()) as LiveMessage)
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  async subscribe(id: number, target: Partial<LiveTarget> = {}): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN)
      await new Promise((resolve) => this.socket.once('open', resolve))
    const full = { cluster: 'local', group: '', version: 'v1', resource: 'pods', ...target }
    this.socket.send(JSON.stringify({ op: 'subscribe', id, target: full }))
  }

  /** Waits for the `count`-th message and gives it. */
  async message<T extends LiveMessage['type']>(
    count: number,
    type: T,
  ): Promise<Extract<LiveMessage, { type: T }>> {
    while (this.messages.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const message = this.messages[count - 1]!
    expect(message.type).toBe(type)
    return message as Extract<LiveMessage, { type: T }>
  }
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve))
}

describe('streams over a WebSocket', () => {
  async function read(path: string): Promise<{ bytes: string; texts: string[] }> {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, { headers: bearer() })
    const got = { bytes: '', texts: [] as string[] }
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) got.bytes += data.toString()
      else got.texts.push(data.toString())
    })
    await new Promise((resolve) => socket.once('close', resolve))
    return got
  }

  it('sends the body of a GET as it comes, under the credentials of the cluster', async () => {
    api.routes.set('/api/v1/pods/web/log', (request, response, query) => {
      response.write(`${request.headers.authorization} follow=${query.get('follow')}\n`)
      response.end('two\n')
    })
    const { bytes } = await read('/clusters/local/stream/api/v1/pods/web/log?follow=true')
    expect(bytes).toBe('Bearer cluster-token follow=true\ntwo\n')
  })

  it('ends the request when the page closes the socket', async () => {
    const ended = new Promise<void>((resolve) => {
      api.routes.set('/api/v1/pods/web/log', (_request, response) => {
        response.write('one\n')
        response.once('close', resolve)
      })
    })
    const url = `ws://127.0.0.1:${gateway.port}/clusters/local/stream/api/v1/pods/web/log`
    const socket = new WebSocket(url, { headers: bearer() })
    socket.once('message', () => socket.close())
    await ended
  })

  it('says a failure as one text frame with the Status', async () => {
    const { bytes, texts } = await read('/clusters/local/stream/api/v1/nothing')
    expect(bytes).toBe('')
    expect(texts.map((text) => (JSON.parse(text) as Status).code)).toEqual([404])
  })

  it('needs the launch token', async () => {
    const origin = `http://127.0.0.1:${gateway.port}`
    const url = `ws://127.0.0.1:${gateway.port}/clusters/local/stream/version`
    const socket = new WebSocket(url, { headers: { origin } })
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve))
    expect(error.message).toContain('401')
  })
})

describe('live lists', () => {
  it('sends a snapshot, then only what changed, gathered', async () => {
    const list = api.list('/api/v1/pods', [pod('a', { app: 'x' }), pod('b')])
    const page = new LivePage()
    await page.subscribe(7)
    const snapshot = await page.message(1, 'snapshot')
    expect(snapshot).toMatchObject({ id: 7, columns: [{ name: 'Name' }] })
    expect(snapshot.rows.map(({ name, labels, cells }) => ({ name, labels, cells }))).toEqual([
      { name: 'a', labels: { app: 'x' }, cells: ['a'] },
      { name: 'b', labels: {}, cells: ['b'] },
    ])
    expect(snapshot.rows[0]!.data).toMatchObject({ ready: 0, containers: [] })
    await until(() => list.watchers === 1)
    list.set(pod('c'))
    list.set(pod('a', { app: 'y' }))
    list.delete('b')
    const delta = await page.message(2, 'delta')
    expect(delta.upserts.map(({ name }) => name)).toEqual(['c', 'a'])
    expect(delta.deletes).toEqual(['uid-b'])
    expect(page.messages).toHaveLength(2)
  })

  it('shows the first page of a long list before the others are there', async () => {
    const others = Promise.withResolvers<void>()
    api.routes.set('/api/v1/pods', (_request, response, query) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      if (query.has('watch')) return
      const isFirst = !query.has('continue')
      const { metadata, ...rest } = pod(isFirst ? 'a' : 'b')
      const items = [{ ...rest, metadata: { ...metadata, uid: `uid-${metadata.name}` } }]
      const list = { resourceVersion: '7', ...(isFirst && { continue: 'more' }) }
      const text = JSON.stringify({ kind: 'PodList', metadata: list, items })
      if (isFirst) response.end(text)
      else void others.promise.then(() => response.end(text))
    })
    const page = new LivePage()
    await page.subscribe(1)
    const snapshot = await page.message(1, 'snapshot')
    expect([snapshot.more, ...snapshot.rows.map(({ name }) => name)]).toEqual([true, 'a'])
    others.resolve()
    const delta = await page.message(2, 'delta')
    expect(delta.upserts.map(({ name }) => name)).toEqual(['b'])
    const isWhole = (message: LiveMessage | undefined): boolean => message?.type === 'delta' && !message.more
    await until(() => isWhole(page.messages.at(-1)))
    await page.subscribe(2)
    await until(() => page.messages.some(({ id }) => id === 2))
    expect(page.messages.at(-1)).toMatchObject({
      id: 2,
      type: 'snapshot',
      rows: [{ name: 'a' }, { name: 'b' }],
    })
    expect(page.messages.at(-1)).not.toHaveProperty('more')
  })

  it('follows a list once for any number of readers', async () => {
    const list = api.list('/api/v1/namespaces/default/pods', [pod('a')])
    const pages = [new LivePage(), new LivePage()]
    for (const page of pages) {
      await page.subscribe(1, { namespace: 'default' })
      await page.subscribe(2, { namespace: 'default' })
    }
    await Promise.all(pages.map((page) => page.message(2, 'snapshot')))
    await until(() => list.watchers === 1)
    list.set(pod('b'))
    await Promise.all(pages.map((page) => page.message(4, 'delta')))
    expect(api.requests.filter((line) => line.includes('/pods'))).toEqual([
      'GET /api/v1/namespaces/default/pods',
      'GET /api/v1/namespaces/default/pods watch',
    ])
  })

  it('resumes a watch that ends, and lists anew when its revision is gone', async () => {
    const list = api.list('/api/v1/pods', [pod('a')])
    const page = new LivePage()
    await page.subscribe(1)
    await page.message(1, 'snapshot')
    await until(() => list.watchers === 1)
    list.endWatches()
    await until(() => list.watchers === 0)
    await until(() => list.watchers === 1)
    list.set(pod('b'))
    await page.message(2, 'delta')
    list.endWatches(refusal(410, 'Expired'))
    const snapshot = await page.message(3, 'snapshot')
    expect(snapshot.rows).toHaveLength(2)
  })

  it('tells what is wrong and recovers by itself', async () => {
    const list = api.list('/api/v1/pods', [pod('a')])
    list.refuse(refusal(403, 'Forbidden'))
    const page = new LivePage()
    await page.subscribe(1)
    expect((await page.message(1, 'error')).status).toMatchObject({ code: 403, reason: 'Forbidden' })
    list.refuse(undefined)
    const next = page.messages.findIndex(({ type }) => type === 'snapshot')
    expect(next).toBe(-1)
    await until(() => page.messages.some(({ type }) => type === 'snapshot'))
    await page.subscribe(2, { cluster: 'gone' })
    await until(() => page.messages.some((message) => message.id === 2 && message.type === 'error'))
    await page.subscribe(3, { cluster: 'unknown' })
    await page.subscribe(4, { resource: '../secrets' })
    await until(() => page.messages.some(({ id }) => id === 4))
    const codes = page.messages.flatMap((message) =>
      message.type === 'error' ? [[message.id, message.status.code]] : [],
    )
    expect(codes).toContainEqual([3, 404])
    expect(codes).toContainEqual([4, 400])
  })

  it('gathers changes for a page that does not read', async () => {
    const list = api.list('/api/v1/pods', [])
    const page = new LivePage()
    await page.subscribe(1)
    await page.message(1, 'snapshot')
    await until(() => list.watchers === 1)
    page.socket.pause()
    const bulk = 'x'.repeat(20_000)
    for (let round = 0; round < 20; round++) {
      for (let index = 0; index < 100; index++) list.set(pod(`p${index}`, { bulk, round: String(round) }))
      await new Promise((resolve) => systemClock.after(60, () => resolve(undefined)))
    }
    page.socket.resume()
    const rounds = new Map<string, string>()
    const look = (): boolean => {
      for (const message of page.messages.splice(0)) {
        const rows =
          message.type === 'delta' ? message.upserts : message.type === 'snapshot' ? message.rows : []
        for (const row of rows) rounds.set(row.name, row.labels!['round']!)
      }
      return rounds.size === 100 && [...rounds.values()].every((round) => round === '19')
    }
    await until(look)
  })
})

describe('port-forwards', () => {
  const ready = { conditions: { ready: true } }
  const runningPod = (name: string): KubeObject =>
    ({
      ...pod(name),
      spec: { nodeName: 'node-1', containers: [{ name: 'app', ports: [{ name: 'web', containerPort: 1 }] }] },
      status: { phase: 'Running' },
    }) as KubeObject

  function json(path: string, value: unknown): void {
    api.routes.set(path, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(value))
    })
  }

  /** A Service `web` whose one ready pod serves `port`. */
  function serve(podName: string, port: number): void {
    json('/api/v1/namespaces/default/services/web', {
      metadata: { name: 'web' },
      spec: { ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
    })
    json('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      items: [
        {
          ports: [{ name: 'http', port }],
          endpoints: [
            { ...ready, targetRef: { kind: 'Pod', name: podName } },
            { conditions: { ready: false }, targetRef: { kind: 'Pod', name: 'starting' } },
          ],
        },
      ],
    })
  }

  function streamingUpgrades(): string[] {
    const asked: string[] = []
    const handler = createStreamingHandler({
      nodeBackends: () => createFakeNodeBackend(),
      resolvePod: async (_namespace, name) => ({ pod: runningPod(name) as never, nodeName: 'node-1' }),
      clock: systemClock,
      log: silentLogger,
    })
    api.onUpgrade = (incoming, socket, head) => {
      const parts = new URL(incoming.url ?? '/', 'https://x').pathname.split('/')
      asked.push(parts[6]!)
      const target = {
        namespace: parts[4]!,
        name: parts[6]!,
        subresource: parts[7]!,
        query: new URLSearchParams(),
      }
      void handler.handle(target, { request: incoming, socket, head })
    }
    return asked
  }

  async function exchange(port: number, text: string): Promise<string> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.end(text)
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    return answer
  }

  async function start(request: object): Promise<Answer> {
    return ask('/api/clusters/local/port-forwards', {
      method: 'POST',
      headers: bearer(),
      body: JSON.stringify(request),
    })
  }

  it('leads a Service to a ready pod, found anew for each connection', async () => {
    const asked = streamingUpgrades()
    const echo = createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket))
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    const echoPort = (echo.address() as AddressInfo).port
    serve('web-1', echoPort)
    const created = await start({ namespace: 'default', kind: 'Service', name: 'web', port: 'http' })
    expect(created.code).toBe(201)
    const forward = JSON.parse(created.body) as PortForward
    expect(forward).toMatchObject({ state: 'active', address: '127.0.0.1', connections: 0 })
    expect(await exchange(forward.localPort, 'hello')).toBe('hello')
    serve('web-2', echoPort)
    const big = 'y'.repeat(3_000_000)
    expect(await exchange(forward.localPort, big)).toBe(big)
    expect(asked).toEqual(['web-1', 'web-2'])

    const list = await ask('/api/clusters/local/port-forwards', { headers: bearer() })
    expect(JSON.parse(list.body)).toMatchObject([{ id: forward.id, state: 'active' }])
    const taken = await start({
      namespace: 'default',
      kind: 'Service',
      name: 'web',
      port: 80,
      localPort: forward.localPort,
    })
    expect(taken.code).toBe(409)
    const path = `/api/clusters/local/port-forwards/${forward.id}`
    expect((await ask(path, { method: 'DELETE', headers: bearer() })).code).toBe(204)
    expect((await ask(path, { method: 'DELETE', headers: bearer() })).code).toBe(404)
    await expect(exchange(forward.localPort, 'x')).rejects.toThrow('ECONNREFUSED')
    echo.close()
  })

  it('says why it cannot connect', async () => {
    streamingUpgrades()
    json('/api/v1/namespaces/default/pods/web-1', runningPod('web-1'))
    const created = await start({ namespace: 'default', kind: 'Pod', name: 'web-1', port: 'web' })
    const forward = JSON.parse(created.body) as PortForward
    expect(await exchange(forward.localPort, 'x').catch(() => '')).toBe('')
    const list = await ask('/api/clusters/local/port-forwards', { headers: bearer() })
    expect(JSON.parse(list.body)).toMatchObject([
      { state: 'failed', message: expect.stringContaining('error forwarding port 1 to pod') as string },
    ])
  })

  it('refuses what does not exist or makes no sense', async () => {
    serve('web-1', 80)
    expect((await start({ namespace: 'default', kind: 'Service', name: 'none', port: 80 })).code).toBe(404)
    expect((await start({ namespace: 'default', kind: 'Service', name: 'web', port: 81 })).code).toBe(400)
    expect((await start({ namespace: 'default', kind: 'Node', name: 'web', port: 80 })).code).toBe(400)
    expect((await start({ namespace: 'default', kind: 'Service', name: 'web', port: 70_000 })).code).toBe(400)
  })
})
