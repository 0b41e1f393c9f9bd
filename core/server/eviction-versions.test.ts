import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const pods = '/api/v1/namespaces/default/pods'
let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
})
afterAll(() => test.close())

/** Evicts a new pod by an Eviction of this version, as clients from before 1.22 do by `v1beta1`. */
async function evict(name: string, apiVersion: string): Promise<[number, unknown]> {
  const spec = { containers: [{ name: 'main', image: 'nginx' }] }
  await test.call('POST', pods, { body: { metadata: { name }, spec } })
  const body = { apiVersion, kind: 'Eviction', metadata: { name, namespace: 'default' } }
  const { code, json } = await test.call('POST', `${pods}/${name}/eviction`, { body })
  return [code, json['message'] ?? json['status']]
}

it('takes evictions of policy/v1 and, from older clients, of policy/v1beta1', async () => {
  expect(await evict('newer', 'policy/v1')).toEqual([201, 'Success'])
  expect(await evict('older', 'policy/v1beta1')).toEqual([201, 'Success'])
  expect((await test.call('GET', `${pods}/older`)).code).toBe(404)
})

it('refuses evictions of any other version', async () => {
  expect(await evict('other', 'policy/v2')).toEqual([
    400,
    'Eviction in version "v2" cannot be handled as a Eviction: no kind "Eviction" is registered for version "policy/v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  ])
})
