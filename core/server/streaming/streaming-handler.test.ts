import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { failure, type Status } from '../../api/status.ts'
import { systemClock } from '../../util/clock.ts'
import { SpdyConnection } from '../../util/spdy/connection.ts'
import type { StreamSession } from './backend.ts'
import { createFakeNodeBackend } from './fake-node-backend.ts'
import { spdyHeaders, statusOf, useStreams } from './testing/use-streams.ts'

const under = useStreams()
const { upgrade, refusal, Client } = under

const run = (script: string): string =>
  ['sh', '-c', script].map((part) => `&command=${encodeURIComponent(part)}`).join('')

describe('refusals before the upgrade', () => {
  it.each([
    ['one/exec?stdout=true&command=ls&container=nope', 400, 'container nope is not valid for pod one'],
    [
      'two/exec?stdout=true&command=ls',
      400,
      'a container name must be specified for pod two, choose one of: [app side]',
    ],
    ['unbound/exec?stdout=true&command=ls', 400, 'pod unbound does not have a host assigned'],
    ['done/portforward', 400, 'unable to forward port because pod is not running. Current status=Succeeded'],
    ['one/exec?command=ls', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
    ['one/exec?stdout=true', 400, 'you must specify at least one command for the container'],
    ['none/exec?stdout=true&command=ls', 404, 'pods "none" not found'],
    ['elsewhere/exec', 503, 'node "node-9" is not running'],
    ['elsewhere/exec?stdout=true&command=ls', 503, 'node "node-9" is not running'],
  ])('%s', async (path, code, message) => {
    expect(await refusal(path)).toMatchObject({ kind: 'Status', status: 'Failure', code, message })
  })

  it('names its protocols to a client that speaks none of them', async () => {
    const path = '/api/v1/namespaces/default/pods/one/exec?stdout=true&command=ls'
    const { answer } = await upgrade(path, spdyHeaders('v9.channel.k8s.io'))
    expect(answer.statusCode).toBe(403)
    expect(answer.headers['x-accepted-stream-protocol-versions']).toContain('v4.channel.k8s.io')
    expect((await statusOf(answer)).message).toContain('client supports [v9.channel.k8s.io]')
  })

  it('refuses other upgrades', async () => {
    const { answer } = await upgrade('/api/v1/namespaces/default/pods/one/exec?stdout=true&command=ls', {
      upgrade: 'h2c',
    })
    expect(await statusOf(answer)).toMatchObject({ code: 400, message: 'Upgrade request required' })
  })
})

describe('a container that does not run', () => {
  const path = 'one/exec?stdout=true&command=ls'
  beforeEach(() => {
    const refuse = (): Promise<never> =>
      Promise.reject(failure(404, 'NotFound', 'container not found ("app")'))
    under.backend = { ...createFakeNodeBackend(), exec: refuse, attach: refuse }
  })

  it('is told of after the handshake where streams are translated', async () => {
    const client = new Client(path, ['v5.channel.k8s.io'])
    await client.opened()
    await client.closed
    expect(JSON.parse(client.channel(3).toString())).toMatchObject({
      status: 'Failure',
      reason: 'InternalError',
      message: 'Internal error occurred: unable to upgrade connection: container not found ("app")',
      code: 500,
    })
  })

  it('is told of in the words of the node to all others', async () => {
    const { answer } = await upgrade(
      `/api/v1/namespaces/default/pods/${path}`,
      spdyHeaders('v4.channel.k8s.io'),
    )
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    expect([answer.statusCode, answer.headers['content-type'], text]).toEqual([
      500,
      'text/plain; charset=utf-8',
      'container not found ("app")',
    ])
  })
})

describe('exec over WebSocket', () => {
  it('half-closes stdin with v5 and ends with Success', async () => {
    const client = new Client(`one/exec?stdin=true&stdout=true${run('cat; echo end')}`, ['v5.channel.k8s.io'])
    await client.opened()
    client.send(0, 'typed ')
    client.socket.send(Buffer.from([255, 0]))
    expect(await client.closed).toBe(1000)
    expect(client.channel(1).toString()).toBe('typed end\n')
    expect(JSON.parse(client.channel(3).toString())).toEqual({ metadata: {}, status: 'Success' })
  })

  it('speaks v4 to clients that offer it with older ones', async () => {
    const client = new Client(`one/exec?stdout=true&stderr=true${run('echo out; echo err >&2; exit 3')}`, [
      'v9.unknown',
      'v4.channel.k8s.io',
      'channel.k8s.io',
    ])
    await client.closed
    expect(client.socket.protocol).toBe('v4.channel.k8s.io')
    expect(client.channel(1).toString()).toBe('out\n')
    expect(client.channel(2).toString()).toBe('err\n')
    const status = JSON.parse(client.channel(3).toString()) as Status
    expect(status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  it('speaks base64 text', async () => {
    const client = new Client(`one/exec?stdin=true&stdout=true${run('head -c 5')}`, [
      'v4.base64.channel.k8s.io',
    ])
    await client.opened()
    client.socket.send(`0${Buffer.from('hello').toString('base64')}`)
    await client.closed
    const texts = client.received
      .map((data) => data.toString())
      .filter((text) => text.startsWith('1') && text.length > 1)
    expect(texts.map((text) => Buffer.from(text.slice(1), 'base64').toString()).join('')).toBe('hello')
  })

  it('ends the command when the client goes away', async () => {
    const ended = Promise.withResolvers<void>()
    const fake = createFakeNodeBackend()
    under.backend = {
      ...fake,
      async exec(ref, options) {
        const session: StreamSession = await fake.exec(ref, options)
        return { ...session, close: () => (session.close(), ended.resolve()) }
      },
    }
    const client = new Client(`one/exec?stdin=true&stdout=true${run('cat')}`, ['v5.channel.k8s.io'])
    await client.opened()
    client.socket.terminate()
    await ended.promise
  })

  it('stops a command whose output nobody reads, instead of gathering it', async () => {
    let produced = 0
    const stdout = new PassThrough()
    const chunk = Buffer.alloc(64 * 1024)
    const produce = (): void => {
      while (produced < 500_000_000 && stdout.write(chunk)) produced += chunk.length
    }
    stdout.on('drain', produce)
    const session: StreamSession = {
      stdin: new PassThrough(),
      stdout,
      stderr: new PassThrough().end(),
      resize: () => undefined,
      exit: new Promise(() => undefined),
      close: () => undefined,
    }
    under.backend = { ...under.backend, exec: async () => session }
    const client = new Client(`one/exec?stdout=true${run('x')}`, ['v5.channel.k8s.io'])
    await client.opened()
    client.socket.pause()
    produce()
    let before = -1
    while (before !== produced) {
      before = produced
      await new Promise((resolve) => systemClock.after(100, () => resolve(undefined)))
    }
    expect(produced).toBeLessThan(50_000_000)
    client.socket.terminate()
  })
})

describe('exec over SPDY', () => {
  it('tells a failure as text to clients before v4', async () => {
    const path = `/api/v1/namespaces/default/pods/one/exec?stdout=true${run('echo out; exit 4')}`
    const { socket, answer } = await upgrade(path, spdyHeaders('v3.channel.k8s.io, v2.channel.k8s.io'))
    expect(answer.statusCode).toBe(101)
    expect(answer.headers['x-stream-protocol-version']).toBe('v3.channel.k8s.io')
    const connection = new SpdyConnection({ transport: socket, role: 'client', clock: systemClock })
    const streams = ['error', 'stdout'].map((streamtype) =>
      connection.openStream({ streamtype }).setEncoding('utf8'),
    )
    const texts = await Promise.all(
      streams.map(async (stream) => {
        let text = ''
        for await (const piece of stream) text += String(piece)
        return text
      }),
    )
    expect(texts).toEqual(['command terminated with non-zero exit code: exit status 4', 'out\n'])
    await connection.closed
  })

  it('refuses streams that were not asked for', async () => {
    const path = `/api/v1/namespaces/default/pods/one/exec?stdout=true${run('cat')}`
    const { socket } = await upgrade(path, spdyHeaders('v4.channel.k8s.io'))
    const connection = new SpdyConnection({ transport: socket, role: 'client', clock: systemClock })
    const stream = connection.openStream({ streamtype: 'stdin' })
    const [error] = (await once(stream, 'error')) as [Error]
    expect(error.message).toContain('reset')
    connection.destroy()
  })
})

describe('port-forward over the older WebSocket form', () => {
  it('leads each port by its number and carries both ways', async () => {
    const echo = createServer((socket) => void socket.on('data', (data) => socket.end(data)))
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    const { port } = echo.address() as AddressInfo
    const client = new Client(`one/portforward?ports=${port}&ports=1`, ['v4.channel.k8s.io'])
    await client.opened()
    client.send(0, 'hello')
    await client.closed
    const lead = Buffer.from([port & 0xff, port >> 8])
    expect(client.channel(0)).toEqual(Buffer.concat([lead, Buffer.from('hello')]))
    expect(client.channel(1)).toEqual(lead)
    expect(client.channel(3).subarray(0, 2)).toEqual(Buffer.from([1, 0]))
    expect(client.channel(3).toString('utf8', 2)).toContain(
      'error forwarding port 1 to pod one_default, uid uid-one',
    )
    echo.close()
  })

  it.each(['', '?ports=0', '?ports=x', '?ports=70000'])('refuses the ports of "%s"', async (query) => {
    const client = new Client(`one/portforward${query}`, ['v4.channel.k8s.io'])
    const [, answer] = (await once(client.socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(answer.statusCode).toBe(400)
  })
})
