import { afterAll, beforeAll } from 'vitest'
import { startTestServer, type TestServer } from '../../testing/test-server.ts'

export const api = '/apis/flowcontrol.apiserver.k8s.io/v1'

/** An API server with priority and fairness, for a file. */
export function useFlowControl() {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
    await test.server.startFlowControl()
  })
  afterAll(() => test.close())

  const as = (name: string, ...groups: string[]) => ({
    'impersonate-user': name,
    'impersonate-group': ['team', ...groups] as unknown as string,
  })
  const metric = async (start: string): Promise<string | undefined> =>
    (await test.call('GET', '/metrics')).raw
      .toString()
      .split('\n')
      .find((line) => line.startsWith(start))

  return {
    get test() {
      return test
    },
    as,
    metric,
  }
}
