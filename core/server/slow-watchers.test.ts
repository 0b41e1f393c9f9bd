import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../util/fake-clock.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'

describe('a watcher that does not read', () => {
  let test: TestServer
  let clock: FakeClock
  beforeAll(async () => {
    clock = new FakeClock(Date.now())
    test = await startTestServer(() => ({ clock }))
  })
  afterAll(() => test.close())

  /** How many watches of ConfigMaps there are. */
  async function watches(): Promise<number> {
    const text = (await test.call('GET', '/metrics')).raw.toString()
    const lines = text.matchAll(/^apiserver_longrunning_requests\{.*resource="configmaps".*\} (\d+)$/gm)
    return [...lines].reduce((sum, [, count]) => sum + Number(count), 0)
  }
  async function cutOff(): Promise<number> {
    const text = (await test.call('GET', '/metrics')).raw.toString()
    const series = 'apiserver_terminated_watchers_total{group="",resource="configmaps"}'
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(series))
        ?.split(' ')
        .at(-1) ?? 0,
    )
  }
  /** As much as no socket holds by itself. */
  async function write(name: string, times: number): Promise<void> {
    for (let at = 0; at < times; at++) {
      const body = { metadata: { name: `${name}-${at}` }, data: { x: 'x'.repeat(1_000_000) } }
      expect((await test.call('POST', configMaps, { body })).code).toBe(201)
    }
  }
  async function overHttp1(path: string): Promise<() => void> {
    const request = httpsRequest({ ...test.connection(), method: 'GET', path, agent: false }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.pause()
    response.on('error', () => undefined)
    return () => request.destroy()
  }
  async function overHttp2(path: string): Promise<() => void> {
    const { certificate: cert, key } = test.client
    const session = connectHttp2(`https://127.0.0.1:${test.port}`, { ca: test.pki.ca.certificate, cert, key })
    const stream = session.request({ ':path': path }).end()
    await once(stream, 'response')
    stream.pause()
    stream.on('error', () => undefined)
    return () => session.destroy()
  }

  it.each([
    ['HTTP/1.1', overHttp1],
    ['HTTP/2', overHttp2],
  ])('is cut off over %s, and only then', async (name, open) => {
    const label = name.replace(/\W/g, '').toLowerCase()
    const before = await cutOff()
    const stop = await open(`${configMaps}?watch=1`)
    await expect.poll(watches).toBe(1)
    // Much waits for it, but it may be about to read.
    await write(label, 30)
    expect(await watches()).toBe(1)
    await clock.advance(11_000)
    await write(`${label}-more`, 1)
    await expect.poll(watches).toBe(0)
    expect(await cutOff()).toBe(before + 1)
    stop()
  })
})
