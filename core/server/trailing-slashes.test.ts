import { expect, it } from 'vitest'
import { useApiServer } from './testing/use-api-server.ts'

const api = useApiServer()

// Upstream's routes take a slash at the end; its handlers are there for one path each.
it.each([
  ['/api/', 200],
  ['/api/v1/', 200],
  ['/apis/', 200],
  ['/apis/apps/', 200],
  ['/apis/apps/v1/', 200],
  ['/version/', 200],
  ['/healthz/', 404],
  ['/livez/', 404],
  ['/livez/ping/', 404],
  ['/readyz/', 404],
  ['/metrics/', 404],
  ['/metrics/slis/', 404],
  ['/openapi/v2/', 404],
  ['/openapi/v3/', 404],
])('%s: %i', async (path, code) => {
  const reply = await api.call('GET', path)
  expect(reply.code).toBe(code)
})

it('asks for the right to the very path', async () => {
  const codes = ['/healthz', '/healthz/', '/version/'].map((path) =>
    api.call('GET', path, { token: 'user-token' }).then(({ code }) => code),
  )
  expect(await Promise.all(codes)).toEqual([200, 403, 200])
})
