import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Pod } from '../api/generated/core-v1.ts'
import { openPki } from '../auth/pki.ts'
import type { Client } from '../client/client.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import type { KubeletServer } from '../kubelet/api/kubelet-server.ts'
import type { KubeletConnector } from '../server/proxy/proxy-subresource.ts'
import type { NodeBackend } from '../server/streaming/backend.ts'
import { createFakeNodeBackend } from '../server/streaming/fake-node-backend.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { createMetricRegistry } from '../util/metrics/metric-registry.ts'
import { createKubeletConnector } from './kubelet-connector.ts'
import { createKubeletListener } from './kubelet-listener.ts'
import { createRemoteNodeBackend } from './remote-node-backend.ts'
import { readRemoteUsage } from './remote-node-usage.ts'
import { refusal } from './testing/refusal.ts'

const pod = { namespace: 'default', name: 'web', uid: 'u' }
const stored = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: pod,
  spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'x' }] },
  status: { phase: 'Running' },
} as Pod

const time = '2026-01-02T03:04:05Z'
const used = (cpu: number, memory: number): object => ({
  cpu: { time, usageNanoCores: cpu, usageCoreNanoSeconds: 1 },
  memory: { time, workingSetBytes: memory },
})
const summary = {
  node: { nodeName: 'node-1', ...used(5, 6) },
  pods: [{ podRef: pod, containers: [{ name: 'app', ...used(1, 2) }] }],
}

describe('a node that another process runs', () => {
  let server: KubeletServer
  let backend: NodeBackend
  let connect: KubeletConnector
  let reach: () => Promise<Duplex>
  const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-remote-node-'))
  beforeAll(async () => {
    const pki = await openPki({ directory, clock: systemClock, log: silentLogger })
    const allowAll = {
      create: async (_resource: unknown, object: object) => ({ ...object, status: { allowed: true } }),
    }
    const stats = { summary: async () => summary }
    const kubelet = { backend: createFakeNodeBackend(), pods: () => [stored], stats } as unknown as Kubelet
    const listen = createKubeletListener({ pki, clock: systemClock, log: silentLogger })
    const client = allowAll as unknown as Client
    const node = { name: 'node-1', ip: '10.0.0.1', client, metrics: createMetricRegistry() }
    server = await listen({ ...node, kubelet: () => kubelet })
    connect = createKubeletConnector({ pki, addressOf: () => server.address, clock: systemClock })
    reach = () => connect('node-1')!
    backend = createRemoteNodeBackend({ connect: reach, clock: systemClock })
  })
  afterAll(async () => {
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const never = new AbortController().signal
  const exec = (command: string[], { tty = false, stdin = false } = {}) =>
    backend.exec(pod, { container: 'app', command, tty, stdin })

  it('is reached under its own port and the usual one only', async () => {
    for (const port of ['', '10250', String(server.address.port)]) (await connect('node-1', port))?.destroy()
    expect(connect('node-1', '9100')).toBeUndefined()
  })

  it('gives logs, and says what it refuses', async () => {
    const options = { container: 'app', follow: false, previous: false, timestamps: false, signal: never }
    expect(await text(await backend.logs(pod, options))).toBe('one\ntwo\n')
    const gone = { ...pod, name: 'gone' }
    expect(await refusal(backend.logs(gone, options))).toBe('404 pods "gone" not found')
    expect(await refusal(backend.portForward(gone, 80))).toBe('404 pods "gone" not found')
  })

  it('runs commands: input, both outputs and how they ended', async () => {
    const session = await exec(['sh', '-c', 'cat; echo bad >&2; exit 7'], { stdin: true })
    session.stdin.end('typed')
    const outputs = await Promise.all([text(session.stdout), text(session.stderr), session.exit])
    expect(outputs).toEqual(['typed', 'bad\n', 7])
    const good = await exec(['true'])
    expect(await Promise.all([good.exit, text(good.stdout)])).toEqual([0, ''])
    expect(await refusal(exec(['/no/such/program']))).toContain('error executing command in container')
  })

  it('gives a terminal its size', async () => {
    const session = await exec(['sh'], { tty: true, stdin: true })
    let shown = ''
    session.stdout.on('data', (bytes: Buffer) => (shown += bytes.toString()))
    session.resize({ width: 80, height: 24 })
    await expect.poll(() => shown).toMatch(/80\D24/)
    session.stdin.write('exit\n')
    expect(await session.exit).toBe(0)
    expect(shown).toContain('EXIT')
  })

  it('tells what it and its pods use', async () => {
    const windowMs = 10_000
    expect(await readRemoteUsage(reach)).toEqual({
      at: Date.parse(time),
      machine: { cpuNanoCores: 5, workingSetBytes: 6, windowMs },
      pods: [
        {
          pod: { uid: 'u' },
          running: 1,
          containers: [{ name: 'app', cpuNanoCores: 1, workingSetBytes: 2, windowMs }],
        },
      ],
    })
  })

  it('forwards ports both ways, each end by itself', async () => {
    // Answers when the other side has said all it had to say.
    const echo = createServer({ allowHalfOpen: true }, (socket) => {
      void text(socket).then((said) => socket.end(said.toUpperCase()))
    })
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    const { port } = echo.address() as AddressInfo
    const connection = await backend.portForward(pod, port)
    connection.end('hello'.repeat(100_000))
    expect(await text(connection)).toBe('HELLO'.repeat(100_000))
    echo.close()
  })
})
