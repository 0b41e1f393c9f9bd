import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { createFakeNodeBackend } from './fake-node-backend.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer(() => ({ nodeBackends: () => createFakeNodeBackend() }))
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] }
  await test.call('POST', pods, { body: { metadata: { name: 'web' }, spec } })
})
afterAll(() => test.close())

function open(path: string, protocols: string[] = [], token?: string | null): WebSocket {
  const { host, port, ...tls } = test.connection(token)
  return new WebSocket(`wss://${host}:${port}${path}`, protocols, tls as object)
}

/** The answer to a handshake that is refused. */
async function refusalOf(path: string, headers: Record<string, string>): Promise<[number, string, string]> {
  const { host, port, ...tls } = test.connection()
  const socket = new WebSocket(`wss://${host}:${port}${path}`, [], { ...tls, headers } as object)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  const body = (await response.toArray()).join('')
  return [response.statusCode ?? 0, response.headers['content-type'] ?? '', body]
}

/** All messages until the server says goodbye. */
async function messagesOf(socket: WebSocket): Promise<string[]> {
  const messages: string[] = []
  socket.on('message', (data) => messages.push(String(data)))
  await once(socket, 'close')
  return messages
}

describe('a watch over a WebSocket', () => {
  it('sends one text message per event, and ends when its time is up', async () => {
    const { json } = await test.call('GET', configMaps)
    const from = json.metadata.resourceVersion as string
    const messages = messagesOf(open(`${configMaps}?watch=true&resourceVersion=${from}&timeoutSeconds=1`))
    for (const name of ['a', 'b']) await test.call('POST', configMaps, { body: { metadata: { name } } })
    const events = (await messages).map((text) => JSON.parse(text))
    expect(events.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'b'],
    ])
  })

  it('ends with the client', async () => {
    const socket = open(`${configMaps}?watch=true`)
    await once(socket, 'open')
    socket.close()
    const [code] = await once(socket, 'close')
    expect(code).not.toBe(1006)
  })

  it.each([
    ['who may not', 'nobody', configMaps, 401],
    ['what is not there', undefined, '/api/v1/namespaces/default/gadgets', 404],
    ['a wrong query', undefined, `${configMaps}?watch=true&labelSelector=%3D%3D`, 400],
  ])('is refused to %s', async (_what, token, path, code) => {
    const socket = open(path.includes('?') ? path : `${path}?watch=true`, [], token)
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain(`Unexpected server response: ${code}`)
  })
})

describe('a log over a WebSocket', () => {
  it('is its bytes, or base64 text', async () => {
    const binary = messagesOf(open(`${pods}/web/log`, ['binary.k8s.io']))
    expect((await binary).join('')).toBe('one\ntwo\n')
    const text = messagesOf(open(`${pods}/web/log`, ['base64.binary.k8s.io']))
    expect((await text).map((piece) => Buffer.from(piece, 'base64').toString()).join('')).toBe('one\ntwo\n')
  })

  it('is refused for a pod that is not there', async () => {
    const [error] = await once(open(`${pods}/other/log`, ['binary.k8s.io']), 'error')
    expect(String(error)).toContain('404')
  })

  it('is refused in the form that the client takes', async () => {
    const path = `${pods}/other/log`
    const message = 'pods "other" not found'
    const [code, type, body] = await refusalOf(path, {})
    expect([code, type, JSON.parse(body).message]).toEqual([404, 'application/json', message])
    const yaml = await refusalOf(path, { accept: 'application/yaml' })
    expect(yaml).toEqual([404, 'application/yaml', expect.stringContaining(`message: ${message}`)])
  })
})
