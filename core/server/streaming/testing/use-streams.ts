import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { WebSocket } from 'ws'
import type { Pod } from '../../../api/generated/core-v1.ts'
import type { Status } from '../../../api/status.ts'
import { openCertificateAuthority } from '../../../auth/certificate-authority.ts'
import { systemClock } from '../../../util/clock.ts'
import type { NodeBackend } from '../backend.ts'
import { createFakeNodeBackend } from '../fake-node-backend.ts'
import { startFakePodServer, type FakePodServer } from '../fake-pod-server.ts'

/** A server that streams from pods of a node whose answers each test sets. */
export function useStreams() {
  const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-streams-'))
  let tls: { key: string; certificate: string }
  let ca = ''
  let server: FakePodServer
  let backend: NodeBackend

  beforeAll(async () => {
    const authority = await openCertificateAuthority(directory, systemClock)
    const issued = await authority.issue({
      commonName: 'api',
      ipAddresses: ['127.0.0.1'],
      usages: ['server'],
    })
    tls = { key: issued.key, certificate: issued.certificate }
    ca = authority.certificate
  })
  afterAll(() => rmSync(directory, { recursive: true }))
  beforeEach(async () => {
    backend = createFakeNodeBackend()
    const late: NodeBackend = {
      logs: (...args) => backend.logs(...args),
      exec: (...args) => backend.exec(...args),
      attach: (...args) => backend.attach(...args),
      portForward: (...args) => backend.portForward(...args),
    }
    server = await startFakePodServer({ ...tls, pods, backend: late })
  })
  afterEach(() => server.close())

  /** Sends an upgrade request: the upgraded socket, or the refusal. */
  function upgrade(
    path: string,
    headers: Record<string, string>,
  ): Promise<{ socket: Duplex; answer: IncomingMessage }> {
    return new Promise((resolve, reject) => {
      const options: RequestOptions = {
        host: '127.0.0.1',
        port: server.port,
        ca,
        path,
        method: 'POST',
        agent: false,
      }
      const sent = request({ ...options, headers: { connection: 'Upgrade', ...headers } })
      sent.once('upgrade', (answer, socket, head) => {
        if (head.length > 0) socket.unshift(head)
        resolve({ socket, answer })
      })
      sent.once('response', (answer) => resolve({ socket: answer.socket, answer }))
      sent.once('error', reject)
      sent.end()
    })
  }

  async function refusal(path: string): Promise<Status> {
    const { answer } = await upgrade(
      `/api/v1/namespaces/default/pods/${path}`,
      spdyHeaders('v4.channel.k8s.io'),
    )
    const status = await statusOf(answer)
    expect(answer.statusCode).toBe(status.code)
    return status
  }

  /** A WebSocket client and all it receives, by channel. */
  class Client {
    readonly socket: WebSocket
    readonly received: Buffer[] = []
    readonly closed: Promise<number>

    constructor(path: string, protocol: string[] | undefined) {
      this.socket = new WebSocket(
        `wss://127.0.0.1:${server.port}/api/v1/namespaces/default/pods/${path}`,
        protocol,
        { ca },
      )
      this.socket.on('message', (data) => this.received.push(data as Buffer))
      this.socket.on('error', () => undefined)
      this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    }

    opened(): Promise<unknown> {
      return once(this.socket, 'open')
    }

    send(channel: number, text: string): void {
      this.socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]))
    }

    channel(channel: number): Buffer {
      return Buffer.concat(
        this.received.filter((data) => data[0] === channel).map((data) => data.subarray(1)),
      )
    }
  }

  return {
    get backend() {
      return backend
    },
    set backend(value) {
      backend = value
    },
    upgrade,
    refusal,
    Client,
  }
}

function pod(name: string, containers: string[], over: Partial<Pod> = {}): Pod {
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: {
      nodeName: 'node-1',
      containers: containers.map((container) => ({ name: container, image: 'i' })),
    },
    status: { phase: 'Running' },
    ...over,
  }
}

const pods = [
  pod('one', ['app']),
  pod('two', ['app', 'side']),
  pod('unbound', ['app'], {
    spec: { containers: [{ name: 'app', image: 'i' }] },
    status: { phase: 'Pending' },
  }),
  pod('done', ['app'], { status: { phase: 'Succeeded' } }),
  pod('elsewhere', ['app'], { spec: { nodeName: 'node-9', containers: [{ name: 'app', image: 'i' }] } }),
]

/** The headers of an upgrade to SPDY with these protocols. */
export const spdyHeaders = (protocols: string): Record<string, string> => ({
  upgrade: 'SPDY/3.1',
  'x-stream-protocol-version': protocols,
})

/** The Status that an answer carries. */
export async function statusOf(answer: IncomingMessage): Promise<Status> {
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return JSON.parse(text) as Status
}
