import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

type Index = Record<string, { serverRelativeURL: string }>

describe('OpenAPI v3 documents', () => {
  let test: TestServer
  let paths: Index
  beforeAll(async () => {
    test = await startTestServer()
    const index = await test.call('GET', '/openapi/v3')
    // Upstream says nothing of the type, and Go calls it text.
    expect(index.headers['content-type']).toBe('text/plain; charset=utf-8')
    paths = (JSON.parse(index.raw.toString()) as { paths: Index }).paths
  })
  afterAll(() => test.close())

  it('are listed for every group and version, for groups, and for what is no object', () => {
    const plain = ['.well-known/openid-configuration', 'api', 'apis', 'openid/v1/jwks', 'version']
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([...plain, 'api/v1', 'apis/apps', 'apis/apps/v1']),
    )
    expect(Object.keys(paths)).toEqual(Object.keys(paths).sort())
  })

  it('are listed anew for a client that had the list in the same second', async () => {
    const since = new Date(Date.now() + 60_000).toUTCString()
    const index = await test.call('GET', '/openapi/v3', { headers: { 'if-modified-since': since } })
    expect(index.code).toBe(200)
  })

  it('may be kept for ever by their hash, and are led to by another one', async () => {
    const url = paths['apis/apps/v1']!.serverRelativeURL
    const document = await test.call('GET', url)
    expect([document.code, document.headers['cache-control']]).toEqual([200, 'public, immutable'])
    const etag = String(document.headers['etag'])
    expect(url).toBe(`/openapi/v3/apis/apps/v1?hash=${etag.replaceAll('"', '')}`)
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/)
    const known = await test.call('GET', url, { headers: { 'if-none-match': `W/${etag}` } })
    expect([known.code, known.headers['content-type'], known.headers['etag']]).toEqual([304, undefined, etag])

    const old = await test.call('GET', '/openapi/v3/apis/apps/v1?hash=OLD')
    expect([old.code, old.headers['location'], old.raw.length]).toEqual([301, url, 0])
    const plain = await test.call('GET', '/openapi/v3/apis/apps/v1')
    expect([plain.code, plain.headers['etag'], plain.headers['cache-control']]).toEqual([
      200,
      etag,
      'no-cache, private',
    ])
    const since = { 'if-modified-since': String(plain.headers['last-modified']) }
    expect((await test.call('GET', '/openapi/v3/apis/apps/v1', { headers: since })).code).toBe(304)
    const part = await test.call('GET', url, { headers: { range: 'bytes=2-8' } })
    expect([part.code, part.raw.toString(), part.headers['content-range']]).toEqual([
      206,
      'openapi',
      `bytes 2-8/${plain.raw.length}`,
    ])
    const beyond = await test.call('GET', url, { headers: { range: 'bytes=99999999-' } })
    expect([beyond.code, beyond.headers['content-range']]).toEqual([416, `bytes */${plain.raw.length}`])
  })

  it('are had as protobuf too, under both names of the type', async () => {
    const { json } = await test.call('GET', '/openapi/v3/apis/apps/v1')
    for (const separator of ['@', '.']) {
      const accept = `application/com.github.proto-openapi.spec.v3${separator}v1.0+protobuf`
      const { headers, raw } = await test.call('GET', '/openapi/v3/apis/apps/v1', { headers: { accept } })
      expect(headers).toMatchObject({
        'content-type': 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
        vary: 'Accept',
      })
      const [version, info, documentPaths, components] = fieldsOf(raw)
      expect(version?.value.toString()).toBe('3.0.0')
      expect(fieldsOf(info!.value).map(({ value }) => value.toString())).toEqual(['Kubernetes', '1.36'])
      expect(namesOf(fieldsOf(documentPaths!.value))).toEqual(Object.keys(json.paths))
      const [schemas] = fieldsOf(components!.value)
      expect(namesOf(fieldsOf(schemas!.value))).toEqual(Object.keys(json.components.schemas))
    }
  })

  it('are refused in types they are not had in, and where there is none', async () => {
    const headers = { accept: 'application/yaml' }
    for (const path of ['/openapi/v3/apis/apps/v1', '/openapi/v2']) {
      const { code, raw } = await test.call('GET', path, { headers })
      expect([code, raw.length]).toEqual([406, 0])
    }
    for (const path of ['/openapi/v3/apis/odd/v1', '/openapi/v3/apis/apps/v1/', '/openapi/v3/']) {
      const { code, raw } = await test.call('GET', path)
      expect([code, raw.length], path).toEqual([404, 0])
    }
    expect((await test.call('GET', '/openapi/v2/')).raw.toString()).toBe('404 page not found\n')
  })
})

/** The fields of a message that are messages, texts or bytes. */
function fieldsOf(bytes: Buffer): { field: number; value: Buffer }[] {
  const fields: { field: number; value: Buffer }[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 0x80) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const field = varint() >> 3
    const size = varint()
    fields.push({ field, value: bytes.subarray(at, at + size) })
    at += size
  }
  return fields
}

function namesOf(entries: { value: Buffer }[]): string[] {
  return entries.map(({ value }) => fieldsOf(value)[0]!.value.toString())
}
