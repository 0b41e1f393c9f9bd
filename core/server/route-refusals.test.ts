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
