import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Probe } from '../../api/generated/core-v1.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import { execSession } from '../testing/exec-session.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

let world: SimulatedWorld
let exec: () => Promise<ReturnType<typeof execSession>>
/** What is asked of pods goes to 127.0.0.1 at the same port. */
beforeEach(() => {
  exec = async () => execSession(0)
  world = createSimulatedWorld({
    exec: () => exec(),
    dialPod: (_pod, port) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket))
        socket.once('error', reject)
      }),
  })
})
const servers: Server[] = []
afterEach(async () => {
  await world[Symbol.asyncDispose]()
  for (const server of servers.splice(0)) server.close()
})

async function serve(handler: RequestListener): Promise<number> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function start(probes: { readinessProbe?: Probe; livenessProbe?: Probe }): Promise<string> {
  await world.boot()
  return world.api.createPod(testPod({ containers: [testContainer('app', probes)] })).metadata.uid!
}

const isReady = (uid: string): boolean => world.api.pod(uid)?.status?.containerStatuses?.[0]?.ready === true
const podIp = (uid: string): string => world.api.pod(uid)?.status?.podIP ?? ''
const messages = (reason: string): string[] =>
  world.api.events.filter((event) => event.reason === reason).map(({ message }) => message)

describe('an HTTP probe', () => {
  const probing = (port: number, more: object = {}): { readinessProbe: Probe } => ({
    readinessProbe: { httpGet: { port, path: '/', ...more }, periodSeconds: 1 },
  })

  it('follows redirects within the pod, to other ports too', async () => {
    const asked: Array<[string | undefined, string | undefined]> = []
    const last = await serve(({ headers, url }, response) => {
      asked.push([url, headers.host])
      response.end('ok')
    })
    const first = await serve(({ headers, url }, response) => {
      asked.push([url, headers.host])
      const location = url === '/' ? 'here?a=b' : `http://${headers['x-ip'] as string}:${last}/there`
      response.writeHead(302, { location }).end()
    })
    const httpHeaders = [
      { name: 'Host', value: 'app.example' },
      { name: 'X-Ip', value: '10.244.0.2' },
    ]
    const uid = await start(probing(first, { httpHeaders }))
    await world.eventually(() => isReady(uid))
    expect(asked.slice(0, 3)).toEqual([
      ['/', 'app.example'],
      ['/here?a=b', 'app.example'],
      ['/there', `10.244.0.2:${last}`],
    ])
    expect(world.reasons()).not.toContain('ProbeWarning')
  })

  it('names what it asks as Host, with the port, and sends no header that was emptied', async () => {
    const asked: Array<Array<string | undefined>> = []
    const port = await serve(({ headers }, response) => {
      asked.push([headers.host, headers.accept, headers['user-agent']])
      response.end()
    })
    const ready = async (name: string, more: object): Promise<string> => {
      const containers = [testContainer('app', probing(port, more))]
      const uid = world.api.createPod(testPod({ containers }, { name })).metadata.uid!
      await world.eventually(() => isReady(uid))
      return uid
    }
    await world.boot()
    await ready('elsewhere', { host: 'app.example' })
    expect(asked.splice(0)[0]).toEqual([`app.example:${port}`, '*/*', 'kube-probe/1.36'])
    const httpHeaders = ['host', 'accept', 'user-agent'].map((name) => ({ name, value: '' }))
    const uid = await ready('emptied', { httpHeaders })
    expect(asked).toContainEqual([`${podIp(uid)}:${port}`, undefined, undefined])
  })

  it('sends a header as often as it is given, but one Host and User-Agent, and no length of a body', async () => {
    const asked: string[][] = []
    const port = await serve(({ rawHeaders }, response) => {
      asked.push(rawHeaders)
      response.end()
    })
    const names = ['X-Part', 'x-part', 'Accept', 'accept', 'Host', 'host', 'User-Agent', 'user-agent']
    const httpHeaders = names.map((name, at) => ({ name, value: `v${at}` }))
    httpHeaders.push({ name: 'Content-Length', value: '7' })
    const uid = await start(probing(port, { httpHeaders }))
    await world.eventually(() => isReady(uid))
    const valuesOf = (name: string): string[] =>
      asked[0]!.filter((_value, at, all) => at % 2 === 1 && all[at - 1]!.toLowerCase() === name)
    expect(['x-part', 'accept', 'host', 'user-agent', 'content-length'].map(valuesOf)).toEqual([
      ['v0', 'v1'],
      ['v2', 'v3'],
      ['v4'],
      ['v6'],
      [],
    ])
  })

  it('fails where a redirect leads to a failure, or goes round and round', async () => {
    const broken = await serve(({ url }, response) => {
      if (url === '/') response.writeHead(301, { location: '/login' }).end()
      else response.writeHead(500).end()
    })
    await start(probing(broken))
    await world.eventually(() => world.reasons().includes('Unhealthy'))
    expect(messages('Unhealthy')).toEqual(['Readiness probe failed: HTTP probe failed with statuscode: 500'])
    const endless = await serve((_request, response) => response.writeHead(302, { location: '/' }).end())
    const uid = world.api.createPod(
      testPod({ containers: [testContainer('app', probing(endless))] }, { name: 'endless' }),
    ).metadata.uid!
    await world.eventually(() => messages('Unhealthy').length > 1)
    expect(messages('Unhealthy')).toContain(
      `Readiness probe failed: Get "http://${podIp(uid)}:${endless}/": stopped after 10 redirects`,
    )
  })

  it('passes with a warning where a redirect leads elsewhere', async () => {
    const port = await serve((_request, response) =>
      response.writeHead(302, { location: 'http://login.example/' }).end('go there'),
    )
    const uid = await start(probing(port))
    await world.eventually(() => isReady(uid))
    expect(messages('ProbeWarning')).toEqual([
      'Readiness probe warning: Probe terminated redirects, Response body: go there',
    ])
  })
})

describe('a probe', () => {
  it('that cannot be carried out says so and counts neither way', async () => {
    exec = () => Promise.reject(new RuntimeError('Failed', 'executable file not found'))
    const probe = { exec: { command: ['nope'] }, periodSeconds: 1, failureThreshold: 1 }
    const uid = await start({ readinessProbe: probe, livenessProbe: probe })
    await world.eventually(() => messages('Unhealthy').length > 5)
    expect([...new Set(messages('Unhealthy'))].toSorted()).toEqual([
      'Liveness probe errored and resulted in unknown state: executable file not found',
      'Readiness probe errored and resulted in unknown state: executable file not found',
    ])
    expect(isReady(uid)).toBe(false)
    expect(world.api.pod(uid)?.status?.containerStatuses?.[0]?.restartCount).toBe(0)
    exec = async () => execSession(0)
    await world.eventually(() => isReady(uid))
  })

  it('by gRPC of a port where nobody listens is told of as upstream', async () => {
    const port = await serve(() => undefined)
    servers.pop()!.close()
    const uid = await start({ readinessProbe: { grpc: { port }, periodSeconds: 1, timeoutSeconds: 1 } })
    await world.eventually(() => world.reasons().includes('Unhealthy'))
    expect(messages('Unhealthy')).toEqual([
      `Readiness probe failed: timeout: failed to connect service "${podIp(uid)}:${port}" within 1s: context deadline exceeded`,
    ])
  })

  it('that takes long begins each period nevertheless', async () => {
    const begun: number[] = []
    exec = async () => {
      begun.push(world.clock.now())
      await new Promise<void>((resolve) => world.clock.after(3_000, resolve))
      return execSession(0)
    }
    await start({ readinessProbe: { exec: { command: ['x'] }, periodSeconds: 4, timeoutSeconds: 4 } })
    await world.eventually(() => begun.length === 4)
    expect(begun.slice(1).map((at, index) => at - begun[index]!)).toEqual([4_000, 4_000, 4_000])
  })
})
