import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { startTestServer } from './testing/test-server.ts'

it('a connection on which nobody ever spoke does not keep the server from closing', async () => {
  const test = await startTestServer()
  const socket = connect(test.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  // An answer to another one: the server has taken both.
  expect((await test.call('GET', '/healthz')).code).toBe(200)
  const gone = once(socket, 'close')
  await test.close()
  await gone
})
