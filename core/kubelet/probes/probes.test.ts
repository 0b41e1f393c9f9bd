import { createServer } from 'node:http2'
import type { Http2Server } from 'node:http2'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { findCondition } from '../../api/conditions.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { execSession } from '../testing/exec-session.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'
import { probeGrpc } from './probe-grpc.ts'

const worlds: SimulatedWorld[] = []
const servers: Http2Server[] = []

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world[Symbol.asyncDispose]()))
  for (const server of servers.splice(0)) server.close()
})

function createWorld(overrides: Partial<Runtime> = {}): SimulatedWorld {
  const world = createSimulatedWorld(overrides)
  worlds.push(world)
  return world
}

/** A server of the gRPC health protocol that gives one answer and keeps what it was asked. */
async function healthServer(answer: { status?: number; code?: number; message?: string }) {
  const asked: Array<{ path: string; type: string; body: string }> = []
  const server = createServer()
  servers.push(server)
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const body = Buffer.concat(chunks).toString('hex')
      asked.push({ path: String(headers[':path']), type: String(headers['content-type']), body })
      const trailers = { 'grpc-status': String(answer.code ?? 0), 'grpc-message': answer.message ?? '' }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers(trailers))
      const message = answer.status === undefined ? [] : [0x08, answer.status]
      stream.end(answer.code ? Buffer.alloc(0) : Buffer.from([0, 0, 0, 0, message.length, ...message]))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const probe = (service = '') => {
    const stream = connect(port, '127.0.0.1')
    return probeGrpc(stream, { service, authority: `127.0.0.1:${port}`, userAgent: 'kube-probe/1.36' })
  }
  return { asked, probe, port }
}

describe('a gRPC probe', () => {
  it('asks the health service and passes when it is serving', async () => {
    const { asked, probe } = await healthServer({ status: 1 })
    expect(await probe('db')).toEqual({ ok: true, output: '' })
    expect(asked).toEqual([
      { path: '/grpc.health.v1.Health/Check', type: 'application/grpc', body: '00000000040a026462' },
    ])
  })

  it.each([
    [{ status: 2 }, 'service unhealthy (responded with "NOT_SERVING")'],
    [{}, 'service unhealthy (responded with "UNKNOWN")'],
    [
      { code: 12, message: 'unknown service%20here' },
      'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service here',
    ],
    [{ code: 5, message: 'unknown' }, 'error: health rpc probe failed: code = 5: unknown'],
  ])('fails on %j', async (answer, output) => {
    const { probe } = await healthServer(answer)
    expect(await probe()).toEqual({ ok: false, output })
  })

  it('makes a pod ready', async () => {
    const { port } = await healthServer({ status: 1 })
    const { api, boot, eventually } = createWorld({ dialPod: async () => connect(port, '127.0.0.1') })
    await boot()
    const readinessProbe = { grpc: { port: 9000, service: '' }, periodSeconds: 1 }
    const containers = [testContainer('app', { readinessProbe })]
    const uid = api.createPod(testPod({ containers })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.ready === true, 60_000)
  })
})

describe('probes', () => {
  it('wait for the startup probe, then readiness is looked at without delay', async () => {
    const commands: string[] = []
    let started = false
    const { api, boot, eventually, clock } = createWorld({
      exec: async (_id, { command }) => {
        commands.push(command[0]!)
        return execSession(command[0] === 'startup' && !started ? 1 : 0)
      },
    })
    await boot()
    const containers = [
      testContainer('app', {
        startupProbe: { exec: { command: ['startup'] }, periodSeconds: 1, failureThreshold: 30 },
        readinessProbe: { exec: { command: ['readiness'] }, periodSeconds: 60 },
        livenessProbe: { exec: { command: ['liveness'] }, periodSeconds: 1 },
      }),
    ]
    const uid = api.createPod(testPod({ containers })).metadata.uid!
    const status = () => api.pod(uid)?.status?.containerStatuses?.[0]
    await eventually(() => commands.length > 5)
    expect(new Set(commands)).toEqual(new Set(['startup']))
    expect(status()).toMatchObject({ started: false, ready: false })
    started = true
    await eventually(() => status()?.ready === true, 3_000)
    expect(status()).toMatchObject({ started: true })
    const startups = commands.filter((name) => name === 'startup').length
    await clock.advance(5_000)
    expect(commands.filter((name) => name === 'startup')).toHaveLength(startups)
    expect(commands).toContain('liveness')
  })

  it('that never start end the container', async () => {
    const { api, boot, eventually } = createWorld({ exec: async () => execSession(1, 'not yet') })
    await boot()
    const startupProbe = { exec: { command: ['startup'] }, periodSeconds: 1, failureThreshold: 3 }
    const uid = api.createPod(testPod({ containers: [testContainer('app', { startupProbe })] })).metadata.uid!
    await eventually(() => (api.pod(uid)?.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0)
    const messages = api.events.map(({ message }) => message)
    expect(messages).toContain('Startup probe failed: not yet')
    expect(messages).toContain('Container app failed startup probe, will be restarted')
  })

  it('count successes and failures in a row against their thresholds', async () => {
    const results = [0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1]
    const seen: boolean[] = []
    const world = createWorld({ exec: async () => execSession(results.shift() ?? 1) })
    const { api, boot, eventually, clock } = world
    await boot()
    const readinessProbe = {
      exec: { command: ['readiness'] },
      initialDelaySeconds: 3,
      periodSeconds: 1,
      successThreshold: 3,
      failureThreshold: 3,
    }
    const uid = api.createPod(testPod({ containers: [testContainer('app', { readinessProbe })] })).metadata
      .uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    await clock.advance(2_000)
    expect(results).toHaveLength(12)
    while (results.length > 0) {
      await clock.advance(100)
      const ready = api.pod(uid)?.status?.containerStatuses?.[0]?.ready === true
      if (seen.at(-1) !== ready) seen.push(ready)
    }
    expect(seen).toEqual([false, true, false])
  })

  it('leave a pod unready until its readiness gates are true', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const gate = 'example.com/warm'
    const uid = api.createPod(testPod({ readinessGates: [{ conditionType: gate }] })).metadata.uid!
    const ready = () => findCondition(api.pod(uid)?.status?.conditions, 'Ready')
    await eventually(() => ready()?.reason === 'ReadinessGatesNotReady')
    expect(ready()?.message).toBe(`corresponding condition of pod readiness gate "${gate}" does not exist.`)
    const set = (status: 'True' | 'False'): void => {
      const current = api.pod(uid)!
      const conditions = (current.status?.conditions ?? []).filter(({ type }) => type !== gate)
      api.createPod({
        ...current,
        status: { ...current.status, conditions: [...conditions, { type: gate, status }] },
      })
    }
    set('False')
    await eventually(() => ready()?.message === `the status of pod readiness gate "${gate}" is not "True"`)
    set('True')
    await eventually(() => ready()?.status === 'True')
  })
})
