import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

describe('/flagz', () => {
  let test: TestServer
  let without: TestServer
  const flags = { runtime: 'simulated', 'api-port': '0', 'audit-log-path': '' }
  beforeAll(async () => {
    test = await startTestServer(() => ({ flags }))
    without = await startTestServer()
  })
  afterAll(() => Promise.all([test.close(), without.close()]))

  const get = (accept?: string) => test.call('GET', '/flagz', { ...(accept && { headers: { accept } }) })

  it('is text, a flag on a line', async () => {
    const { code, headers, raw } = await get('application/json, */*')
    expect([code, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
    const lines = raw.toString().split('\n')
    expect(lines[1]).toBe('apiserver flagz')
    expect(lines.slice(3)).toEqual(['api-port=0', 'audit-log-path=', 'runtime=simulated', ''])
  })

  it('is an object for who asks for its kind', async () => {
    const { code, headers, json } = await get('application/json;as=Flagz;v=v1beta1;g=config.k8s.io')
    expect([code, headers['content-type']]).toEqual([
      200,
      'application/json;g=config.k8s.io;v=v1beta1;as=Flagz',
    ])
    expect(json).toEqual({
      kind: 'Flagz',
      apiVersion: 'config.k8s.io/v1beta1',
      metadata: { name: 'apiserver' },
      flags,
    })
  })

  it('is not acceptable as JSON alone, nor there where no flags are known', async () => {
    expect((await get('application/json')).code).toBe(406)
    expect((await without.call('GET', '/flagz')).code).toBe(404)
    expect((await test.call('GET', '/statusz')).raw.toString()).toContain('Paths: /flagz /healthz')
  })
})
