import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Pki } from '../../auth/pki.ts'
import type { ApiServer } from '../api-server.ts'
import { startTestServer, type TestServer } from './test-server.ts'

/** An API server for a file, with a check that fails. */
export function useApiServer() {
  let test: TestServer
  let server: ApiServer
  let pki: Pki
  let port: number
  let client: TestServer['client']
  let call: TestServer['call']

  beforeAll(async () => {
    test = await startTestServer(() => ({
      healthChecks: [
        {
          name: 'informer-sync',
          endpoints: ['readyz'],
          check: () => {
            throw new Error('not yet')
          },
        },
      ],
    }))
    ;({ server, pki, port, client, call } = test)
  })
  afterAll(() => test.close())

  const configMaps = '/api/v1/namespaces/default/configmaps'
  async function createConfigMap(data: Record<string, string> = { a: '1' }, labels = {}): Promise<string> {
    const name = `cm-${randomUUID().slice(0, 8)}`
    const { code } = await call('POST', configMaps, { body: { metadata: { name, labels }, data } })
    expect(code).toBe(201)
    return name
  }

  return {
    get test() {
      return test
    },
    get server() {
      return server
    },
    get pki() {
      return pki
    },
    get port() {
      return port
    },
    get client() {
      return client
    },
    get call() {
      return call
    },
    configMaps,
    createConfigMap,
  }
}
