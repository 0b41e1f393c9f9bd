import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'

/** What a kube-apiserver 1.36 that was asked the same answered. */
describe('built-in kinds', () => {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
    const body = { metadata: { name: 'a' }, data: { x: '1' } }
    expect((await test.call('POST', configMaps, { body })).code).toBe(201)
  })
  afterAll(() => test.close())

  it.each([
    ['PUT', configMaps],
    ['PATCH', configMaps],
    ['POST', `${configMaps}/a`],
    ['POST', '/api/v1/configmaps'],
    ['DELETE', '/api/v1/configmaps'],
    ['DELETE', '/api/v1/namespaces/default/status'],
    ['POST', '/api/v1/namespaces/default/status'],
  ])('have no route for %s %s', async (method, path) => {
    const { code, json } = await test.call(method, path, { body: {} })
    expect([code, json['message'], json['reason'], json['details']]).toEqual([
      405,
      'the server does not allow this method on the requested resource',
      'MethodNotAllowed',
      {},
    ])
  })

  it.each([
    ['GET', '/apis/apps/v9'],
    ['GET', '/apis/apps/v9/namespaces/default/deployments'],
    ['GET', '/api/v2'],
    ['GET', '/api/v1/proxy/nodes/x'],
    ['DELETE', '/apis/apps/v1/foos'],
  ])('have nothing at %s %s, and say so as an API does', async (method, path) => {
    const { code, json } = await test.call(method, path)
    expect([code, json['message'], json['details']]).toEqual([
      404,
      'the server could not find the requested resource',
      {},
    ])
    const { raw } = await test.call('GET', '/apis/nosuch/v1', { headers: { accept: 'text/html' } })
    expect(raw.toString()).toBe('404 page not found\n')
  })

  const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
  const streams = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'

  it.each([
    ['/api/v1', types],
    ['/apis/apps/v1', types],
    [`${configMaps}/nosuch`, types],
    [configMaps, `${types}, ${streams}`],
    ['/api/v1/namespaces/default/pods/nosuch/log', `text/plain, ${types}`],
    ['/version', 'application/json'],
  ])('say what %s comes in, before anything else', async (path, offered) => {
    const { code, json } = await test.call('GET', path, { headers: { accept: 'text/html, application/*' } })
    expect([code, json['message'], json['details']]).toEqual([
      406,
      `406: Not Acceptable\n\nAvailable representations: ${offered}`,
      {},
    ])
  })

  it.each([
    ['/version', 'HEAD'],
    ['/version', 'POST'],
    ['/api', 'HEAD'],
    ['/api/v1', 'HEAD'],
    ['/apis/apps/v1', 'POST'],
    ['/apis/apiregistration.k8s.io', 'HEAD'],
  ])('have no other method at %s than GET: %s', async (path, method) => {
    expect((await test.call(method, path)).code).toBe(405)
  })

  it.each([
    ['/apis/apps/v9', 404],
    ['/apis/nosuch', 404],
    ['/healthz', 200],
    ['/healthz/nosuch', 404],
    ['/openapi/v2', 200],
    ['/openapi/v3', 200],
    ['/openapi/v3/nosuch', 404],
    ['/apis', 200],
    ['/apis/apps', 200],
    ['/metrics', 200],
    ['/', 200],
  ])('are not what answers at %s, to any method: %i', async (path, code) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      expect([method, (await test.call(method, path)).code]).toEqual([method, code])
  })

  it.each(['/metrics', '/metrics/slis'])('begin to count anew with a DELETE of %s', async (path) => {
    const { code, headers, raw } = await test.call('DELETE', path)
    const text = 'text/plain; charset=utf-8'
    expect([code, headers['content-type'], raw.toString()]).toEqual([200, text, 'metrics reset\n'])
    expect((await test.call('DELETE', path, { token: 'user-token' })).code).toBe(403)
  })

  it('are watched with GET alone', async () => {
    const { code } = await test.call('POST', '/api/v1/watch/namespaces?timeoutSeconds=1', { body: {} })
    expect(code).toBe(405)
  })

  it('refuse without a guess at what the answer is', async () => {
    const { code, headers } = await test.call('GET', configMaps, { headers: { 'impersonate-user': 'alice' } })
    expect([code, headers['x-content-type-options']]).toEqual([403, 'nosniff'])
    const missing = await test.call('GET', `${configMaps}/nosuch`)
    expect([missing.code, missing.headers['x-content-type-options']]).toEqual([404, undefined])
  })

  it('name the version of their resources only where there is a group', async () => {
    const versionOf = async (path: string): Promise<unknown> =>
      (await test.call('GET', path)).json['apiVersion']
    expect(await Promise.all(['/api/v1', '/apis/apps/v1', '/apis'].map(versionOf))).toEqual([
      undefined,
      'v1',
      'v1',
    ])
  })

  it('have the hashes of the versions that upstream stores', async () => {
    const hashOf = async (path: string): Promise<string> =>
      ((await test.call('GET', path)).json['resources'] as { storageVersionHash: string }[])[0]!
        .storageVersionHash
    expect(
      await Promise.all(
        ['/apis/autoscaling/v1', '/apis/events.k8s.io/v1', '/apis/apiextensions.k8s.io/v1'].map(hashOf),
      ),
    ).toEqual(['qwQve8ut294=', 'r2yiGXH7wu8=', 'jfWCUB31mvA='])
  })

  it.each([
    [
      { kind: 'Pod', apiVersion: 'v1' },
      'no kind "Pod" is registered for version "v1" in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"',
    ],
    [
      { gracePeriodSeconds: 'x' },
      'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
    ],
    [
      { gracePeriodSeconds: 1.5 },
      'json: cannot unmarshal number 1.5 into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
    ],
    [
      { propagationPolicy: 5 },
      'json: cannot unmarshal number into Go struct field DeleteOptions.propagationPolicy of type v1.DeletionPropagation',
    ],
    [
      { preconditions: { uid: 5 } },
      'json: cannot unmarshal number into Go struct field Preconditions.preconditions.uid of type types.UID',
    ],
  ])('are not deleted with %j', async (body, message) => {
    const { code, json } = await test.call('DELETE', `${configMaps}/a`, { body })
    expect([code, json['message']]).toEqual([400, message])
  })

  it('tells what a strategic patch has too much in the order of the names', async () => {
    const { headers } = await test.call('PATCH', `${configMaps}/a?dryRun=All`, {
      body: { metadata: { nosuch: 1 }, aaa: 2 },
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
    })
    expect(headers['warning']).toBe(
      '299 - "unknown field \\"aaa\\"", 299 - "unknown field \\"metadata.nosuch\\""',
    )
  })

  it('may be tried with a resourceVersion, but not created', async () => {
    const body = { metadata: { name: 'b', resourceVersion: '5', generation: 7 } }
    const tried = await test.call('POST', `${configMaps}?dryRun=All`, { body })
    expect([tried.code, tried.json['metadata']]).toEqual([
      201,
      expect.objectContaining({ generation: 7, resourceVersion: '5' }),
    ])
    const { code, json } = await test.call('POST', configMaps, { body })
    expect([code, json['message']]).toEqual([
      500,
      'resourceVersion should not be set on objects to be created',
    ])
  })

  it('say that an answer varies with the encoding only where it does', async () => {
    const plain = await test.call('GET', configMaps)
    expect(plain.headers['vary']).toBeUndefined()
  })

  it('keeps an owner once, and says so', async () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'u' }
    const body = { metadata: { name: 'owned', ownerReferences: [owner, owner] } }
    const { code, json, headers } = await test.call('POST', configMaps, { body })
    expect([code, (json['metadata'] as { ownerReferences: object[] }).ownerReferences]).toEqual([
      201,
      [owner],
    ])
    expect(headers['warning']).toBe(
      '299 - ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u"',
    )
  })
})
