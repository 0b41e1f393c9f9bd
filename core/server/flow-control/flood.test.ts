import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
/** More than one user's level has seats for, and no more than may wait there. */
const lists = 200

describe('a flood of lists by one user, under the default levels', () => {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
    await test.server.startFlowControl()
    const data = { text: 'x'.repeat(2000) }
    for (let at = 0; at < 500; at++) {
      await test.call('POST', configMaps, { body: { metadata: { name: `map-${at}` }, data } })
    }
  })
  afterAll(() => test.close())

  const as = (user: string, group: string): Record<string, string> => ({
    'impersonate-user': user,
    'impersonate-group': ['team', group] as unknown as string,
  })

  it('lets a node renew its lease and another user read, before it is over', async () => {
    const session = connectHttp2(`https://127.0.0.1:${test.port}`, { ca: test.pki.ca.certificate })
    session.setMaxListeners(0)
    let done = 0
    const codes = new Set<number>()
    const flood = Array.from({ length: lists }, async () => {
      const stream = session.request({ ':path': configMaps, authorization: 'Bearer user-token' })
      stream.once('response', (headers) => codes.add(Number(headers[':status'])))
      stream.resume()
      await once(stream, 'end')
      done++
    })
    // The flood is under way.
    await expect.poll(() => done).toBeGreaterThan(0)

    const renewals = 5
    for (let at = 0; at < renewals; at++) {
      const headers = as('system:node:n1', 'system:nodes')
      const body = { metadata: { name: `lease-${at}` }, spec: { holderIdentity: 'n1' } }
      expect((await test.call('POST', leases, { body, headers })).code).toBe(201)
      const read = await test.call('GET', `${configMaps}/map-${at}`, { headers: as('bob', 'others') })
      expect(read.code).toBe(200)
    }
    expect(done).toBeLessThan(lists)
    await Promise.all(flood)
    expect([...codes]).toEqual([200])
    session.close()
  })
})
