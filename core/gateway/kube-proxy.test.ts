import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Status } from '../api/status.ts'
import { useGateway } from './testing/use-gateway.ts'

const under = useGateway()

describe('proxy', () => {
  it("passes requests on under the cluster's credentials and none of the caller's", async () => {
    let seen: IncomingHttpHeaders = {}
    let body = ''
    under.api.routes.set('/api/v1/echo', (incoming, response) => {
      seen = incoming.headers
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()))
      incoming.on('end', () => {
        response.writeHead(201, { 'content-type': 'text/html', 'set-cookie': 'a=b' })
        response.end('<script>alert(1)</script>')
      })
    })
    const own = {
      cookie: await under.cookie(),
      origin: `http://127.0.0.1:${under.gateway.port}`,
      'x-extra': '1',
    }
    const answer = await under.ask('/clusters/local/k8s/api/v1/echo?a=b%2Fc', {
      method: 'POST',
      headers: own,
      body: 'hello',
    })
    expect(answer.code).toBe(201)
    expect(body).toBe('hello')
    expect(seen.authorization).toBe('Bearer cluster-token')
    expect(seen.cookie).toBeUndefined()
    expect(seen.origin).toBeUndefined()
    expect(seen['x-extra']).toBe('1')
    expect(seen.host).toBe(`127.0.0.1:${under.api.port}`)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers['content-security-policy']).toContain('sandbox')
  })

  it('streams an answer as it comes and lets go of the server when the reader leaves', async () => {
    const closed = Promise.withResolvers<void>()
    under.api.routes.set('/api/v1/log', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('first\n')
      response.once('close', () => closed.resolve())
    })
    const abort = new AbortController()
    const response = await fetch(`http://127.0.0.1:${under.gateway.port}/clusters/local/k8s/api/v1/log`, {
      headers: under.bearer(),
      signal: abort.signal,
    })
    const reader = response.body!.getReader()
    expect(Buffer.from((await reader.read()).value).toString()).toBe('first\n')
    abort.abort()
    await closed.promise
  })

  it('gives a Status for a server that cannot be reached and for an unknown cluster', async () => {
    const gone = await under.ask('/clusters/gone/k8s/api', { headers: under.bearer() })
    expect(gone.code).toBe(503)
    expect(JSON.parse(gone.body)).toMatchObject({ kind: 'Status', reason: 'ServiceUnavailable' })
    expect((await under.ask('/clusters/other/k8s/api', { headers: under.bearer() })).code).toBe(404)
    under.api.routes.set('/api/v1/cut', (incoming) => incoming.socket.destroy())
    expect((await under.ask('/clusters/local/k8s/api/v1/cut', { headers: under.bearer() })).code).toBe(502)
  })

  it('passes WebSockets through, and refusals of them', async () => {
    const echo = new WebSocketServer({ noServer: true })
    under.api.onUpgrade = (incoming, socket, head) => {
      if (incoming.url !== '/api/v1/exec?a=b') {
        socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\n{}')
        return
      }
      echo.handleUpgrade(incoming, socket, head, (webSocket) =>
        webSocket.on('message', (data) => webSocket.send(data)),
      )
    }
    const base = `ws://127.0.0.1:${under.gateway.port}/clusters/local/k8s/api/v1`
    const socket = new WebSocket(`${base}/exec?a=b`, 'v5.channel.k8s.io', { headers: under.bearer() })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(Buffer.from('ping'))
    const answer = await new Promise<Buffer>((resolve) =>
      socket.once('message', (data) => resolve(data as Buffer)),
    )
    expect(answer.toString()).toBe('ping')
    socket.terminate()
    const refused = new WebSocket(`${base}/other`, { headers: under.bearer() })
    refused.on('error', () => undefined)
    const code = await new Promise((resolve) =>
      refused.once('unexpected-response', (_request, response) => resolve(response.statusCode)),
    )
    expect(code).toBe(403)
  })
})

describe('streams over a WebSocket', () => {
  async function read(path: string): Promise<{ bytes: string; texts: string[] }> {
    const socket = new WebSocket(`ws://127.0.0.1:${under.gateway.port}${path}`, { headers: under.bearer() })
    const got = { bytes: '', texts: [] as string[] }
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) got.bytes += data.toString()
      else got.texts.push(data.toString())
    })
    await new Promise((resolve) => socket.once('close', resolve))
    return got
  }

  it('sends the body of a GET as it comes, under the credentials of the cluster', async () => {
    under.api.routes.set('/api/v1/pods/web/log', (request, response, query) => {
      response.write(`${request.headers.authorization} follow=${query.get('follow')}\n`)
      response.end('two\n')
    })
    const { bytes } = await read('/clusters/local/stream/api/v1/pods/web/log?follow=true')
    expect(bytes).toBe('Bearer cluster-token follow=true\ntwo\n')
  })

  it('ends the request when the page closes the socket', async () => {
    const ended = new Promise<void>((resolve) => {
      under.api.routes.set('/api/v1/pods/web/log', (_request, response) => {
        response.write('one\n')
        response.once('close', resolve)
      })
    })
    const url = `ws://127.0.0.1:${under.gateway.port}/clusters/local/stream/api/v1/pods/web/log`
    const socket = new WebSocket(url, { headers: under.bearer() })
    socket.once('message', () => socket.close())
    await ended
  })

  it('says a failure as one text frame with the Status', async () => {
    const { bytes, texts } = await read('/clusters/local/stream/api/v1/nothing')
    expect(bytes).toBe('')
    expect(texts.map((text) => (JSON.parse(text) as Status).code)).toEqual([404])
  })

  it('needs the launch token', async () => {
    const origin = `http://127.0.0.1:${under.gateway.port}`
    const url = `ws://127.0.0.1:${under.gateway.port}/clusters/local/stream/version`
    const socket = new WebSocket(url, { headers: { origin } })
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve))
    expect(error.message).toContain('401')
  })
})
