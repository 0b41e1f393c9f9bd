import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

describe('OpenAPI v3 documents', () => {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
  })
  afterAll(() => test.close())

  it('may be kept for ever by their hash, and are led to by another one', async () => {
    const { paths } = (await test.call('GET', '/openapi/v3')).json as {
      paths: Record<string, { serverRelativeURL: string }>
    }
    const url = paths['apis/apps/v1']!.serverRelativeURL
    const document = await test.call('GET', url)
    expect([document.code, document.headers['cache-control']]).toEqual([200, 'public, immutable'])
    const etag = String(document.headers['etag'])
    expect(url).toBe(`/openapi/v3/apis/apps/v1?hash=${etag.replaceAll('"', '')}`)
    expect((await test.call('GET', url, { headers: { 'if-none-match': etag } })).code).toBe(304)

    const old = await test.call('GET', '/openapi/v3/apis/apps/v1?hash=OLD')
    expect([old.code, old.headers['location']]).toEqual([301, url])
    const plain = await test.call('GET', '/openapi/v3/apis/apps/v1')
    expect([plain.code, plain.headers['etag']]).toEqual([200, etag])
  })
})
