import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Status } from '../api/status.ts'
import { useGateway, type Answer } from './testing/use-gateway.ts'

const under = useGateway()

describe('access', () => {
  it('trades the token for a cookie that scripts and other sites cannot use, and goes on without it', async () => {
    const answer = await under.ask(`/?token=${under.gateway.token}&a=b`)
    expect(answer.code).toBe(303)
    expect(answer.headers.location).toBe('/?a=b')
    expect(answer.headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Strict$/)
    const page = await under.ask('/', { headers: { cookie: await under.cookie() } })
    expect(page.code).toBe(200)
    expect(page.body).toContain('<title>page</title>')
  })

  it('never redirects to another host', async () => {
    const answer = await under.ask(`//evil.example/?token=${under.gateway.token}`)
    expect(answer.headers.location).toBe('/evil.example/')
  })

  it('refuses whoever has no token or a wrong one', async () => {
    expect((await under.ask('/')).code).toBe(401)
    expect((await under.ask('/?token=wrong')).code).toBe(401)
    expect((await under.ask('/api/clusters', { headers: { authorization: 'Bearer wrong' } })).code).toBe(401)
    expect((await under.ask('/clusters/local/k8s/version')).code).toBe(401)
    const page = await under.ask('/', { headers: { accept: 'text/html' } })
    expect(page.headers['content-type']).toContain('text/html')
    const status = JSON.parse((await under.ask('/api/clusters')).body) as Status
    expect(status).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized' })
    expect(under.api.requests).toEqual([])
  })

  it('refuses other host names, so that a rebound DNS name reaches nothing', async () => {
    const headers = { ...under.bearer(), host: `evil.example:${under.gateway.port}` }
    expect((await under.ask('/api/clusters', { headers })).code).toBe(421)
    expect((await under.ask(`/?token=${under.gateway.token}`, { headers })).code).toBe(421)
    expect(
      (
        await under.ask('/api/clusters', {
          headers: { ...under.bearer(), host: `localhost:${under.gateway.port}` },
        })
      ).code,
    ).toBe(200)
  })

  it('refuses changes that come from another site, and from a browser that names none', async () => {
    const own = { cookie: await under.cookie() }
    const put = (headers: Record<string, string>): Promise<Answer> =>
      under.ask('/api/preferences', { method: 'PUT', headers, body: '{}' })
    expect((await put({ ...own, origin: 'https://evil.example' })).code).toBe(403)
    expect((await put(own)).code).toBe(403)
    expect((await put({ ...own, origin: `http://127.0.0.1:${under.gateway.port + 1}` })).code).toBe(403)
    expect((await put({ ...own, origin: `http://127.0.0.1:${under.gateway.port}` })).code).toBe(200)
    expect((await put(under.bearer())).code).toBe(200)
    expect(
      (await under.ask('/api/clusters', { headers: { ...own, 'sec-fetch-site': 'cross-site' } })).code,
    ).toBe(403)
  })

  it('refuses WebSockets from another site', async () => {
    const open = (headers: Record<string, string>): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${under.gateway.port}/live`, { headers })
        socket.once('open', () => {
          socket.terminate()
          resolve(101)
        })
        socket.on('error', () => undefined)
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      })
    const own = { cookie: await under.cookie() }
    expect(await open({ ...own, origin: 'https://evil.example' })).toBe(403)
    expect(await open(own)).toBe(403)
    expect(await open({})).toBe(403)
    expect(await open({ origin: `http://127.0.0.1:${under.gateway.port}` })).toBe(401)
    expect(await open({ ...own, origin: `http://127.0.0.1:${under.gateway.port}` })).toBe(101)
  })

  it('tells browsers to be strict', async () => {
    const { headers } = await under.ask('/', { headers: under.bearer() })
    const policy = headers['content-security-policy']!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe-eval')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
  })
})
