import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const namespace = '/api/v1/namespaces/default'

// What kube-apiserver 1.36.2 answered to the same requests.
describe('causes of a refused update, told once by the server and again by the kind', () => {
  let test: TestServer
  const kinds: [path: string, object: object][] = [
    [`${namespace}/configmaps/a`, { data: { k: 'v' } }],
    [`${namespace}/limitranges/a`, { spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] } }],
    [`${namespace}/podtemplates/a`, { template: { spec: { containers: [{ name: 'c', image: 'i' }] } } }],
    [
      '/apis/policy/v1/namespaces/default/poddisruptionbudgets/a',
      { spec: { selector: { matchLabels: { a: 'b' } } } },
    ],
    ['/apis/coordination.k8s.io/v1/namespaces/default/leases/a', { spec: {} }],
    ['/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/a', { rules: [] }],
    ['/apis/networking.k8s.io/v1/servicecidrs/a', { spec: { cidrs: ['192.0.2.0/24'] } }],
  ]
  const wrong = {
    labels: { 'a b': 'x' },
    finalizers: ['a b/c', 'abc'],
    deletionTimestamp: '2020-01-01T00:00:00Z',
  }
  beforeAll(async () => {
    test = await startTestServer()
    for (const [path, object] of kinds) {
      const body = { metadata: { name: 'a' }, ...object }
      const { code, raw } = await test.call('POST', path.replace(/\/a$/, ''), { body })
      expect([code, raw.toString()]).toEqual([201, expect.any(String)])
    }
  })
  afterAll(() => test.close())

  async function causes(path: string, subresource = ''): Promise<string> {
    const { json: object } = await test.call('GET', path)
    const body = { ...object, metadata: { ...object.metadata, ...wrong } }
    const { json } = await test.call('PUT', path + subresource, { body })
    const fields = (json['details']?.causes ?? []) as { field: string }[]
    return fields.map(({ field }) => field.replace('metadata.', '').replace('Timestamp', '')).join(' ')
  }

  it.each([
    [
      'configmaps',
      '',
      'labels finalizers deletion labels deletion labels finalizers[1] labels finalizers finalizers[1]',
    ],
    ['limitranges', '', 'labels finalizers deletion labels labels finalizers finalizers[1]'],
    ['podtemplates', '', 'labels finalizers deletion labels deletion labels finalizers[1]'],
    ['poddisruptionbudgets', '', 'labels finalizers deletion labels'],
    ['poddisruptionbudgets', '/status', 'labels finalizers deletion labels'],
    ['leases', '', 'labels finalizers deletion labels deletion labels'],
    [
      'roles',
      '',
      'labels finalizers deletion labels labels finalizers finalizers[1] deletion labels finalizers[1]',
    ],
    ['servicecidrs', '/status', ''],
  ])('%s%s', async (resource, subresource, expected) => {
    const [path] = kinds.find(([one]) => one.includes(`/${resource}/`))!
    expect(await causes(path, subresource)).toBe(expected)
  })

  it('come between the rules of the kind itself', async () => {
    const [path] = kinds.find(([one]) => one.includes('/configmaps/'))!
    const { json: object } = await test.call('GET', path)
    const fixed = await test.call('PUT', path, { body: { ...object, immutable: true } })
    const metadata = { ...fixed.json['metadata'], labels: { 'a b': 'x' } }
    const body = { ...fixed.json, metadata, data: { 'a b': 'x' } }
    const { json } = await test.call('PUT', path, { body })
    const fields = (json['details']?.causes ?? []) as { field: string }[]
    expect(fields.map(({ field }) => field)).toEqual([
      ...['metadata.labels', 'metadata.labels', 'metadata.labels', 'data'],
      ...['metadata.labels', 'data[a b]'],
    ])
  })

  // A generateName is part of a path to the server, and of a name to the kinds that judge the whole object.
  it.each([
    ['configmaps', 'A b', ['dns']],
    ['configmaps', 'a/', ['path', 'dns']],
    ['configmaps', 'a-', []],
    ['limitranges', 'A b', ['dns']],
    ['podtemplates', 'A b', []],
    ['podtemplates', '..', []],
    ['leases', 'A b', []],
    ['roles', 'A b', []],
    ['roles', 'a%', ['path', 'path']],
  ])('%s with the generateName %j', async (resource, generateName, expected) => {
    const [path] = kinds.find(([one]) => one.includes(`/${resource}/`))!
    const { json: object } = await test.call('GET', path)
    const body = { ...object, metadata: { ...object.metadata, generateName } }
    const { json } = await test.call('PUT', path, { body })
    const found = (json['details']?.causes ?? []) as { field: string; message: string }[]
    expect(found.map(({ field }) => field)).toEqual(expected.map(() => 'metadata.generateName'))
    expect(found.map(({ message }) => (message.includes('may not contain') ? 'path' : 'dns'))).toEqual(
      expected,
    )
  })
})
