import { connect, createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { PortForward } from '../../api/gateway.ts'
import type { KubeObject } from '../../api/meta.ts'
import { createFakeNodeBackend } from '../../server/streaming/fake-node-backend.ts'
import { createStreamingHandler } from '../../server/streaming/streaming-handler.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { podNamed as pod, useGateway, type Answer } from '../testing/use-gateway.ts'

const under = useGateway()

describe('port-forwards', () => {
  const ready = { conditions: { ready: true } }
  const runningPod = (name: string): KubeObject =>
    ({
      ...pod(name),
      spec: { nodeName: 'node-1', containers: [{ name: 'app', ports: [{ name: 'web', containerPort: 1 }] }] },
      status: { phase: 'Running' },
    }) as KubeObject

  function json(path: string, value: unknown): void {
    under.api.routes.set(path, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(value))
    })
  }

  /** A Service `web` whose one ready pod serves `port`. */
  function serve(podName: string, port: number): void {
    json('/api/v1/namespaces/default/services/web', {
      metadata: { name: 'web' },
      spec: { ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
    })
    json('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      items: [
        {
          ports: [{ name: 'http', port }],
          endpoints: [
            { ...ready, targetRef: { kind: 'Pod', name: podName } },
            { conditions: { ready: false }, targetRef: { kind: 'Pod', name: 'starting' } },
          ],
        },
      ],
    })
  }

  function streamingUpgrades(): string[] {
    const asked: string[] = []
    const handler = createStreamingHandler({
      nodeBackends: () => createFakeNodeBackend(),
      resolvePod: async (_namespace, name) => ({ pod: runningPod(name) as never, nodeName: 'node-1' }),
      clock: systemClock,
      log: silentLogger,
    })
    under.api.onUpgrade = (incoming, socket, head) => {
      const parts = new URL(incoming.url ?? '/', 'https://x').pathname.split('/')
      asked.push(parts[6]!)
      const target = {
        namespace: parts[4]!,
        name: parts[6]!,
        subresource: parts[7]!,
        query: new URLSearchParams(),
      }
      void handler.handle(target, { request: incoming, socket, head })
    }
    return asked
  }

  async function exchange(port: number, text: string): Promise<string> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.end(text)
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    return answer
  }

  async function start(request: object): Promise<Answer> {
    return under.ask('/api/clusters/local/port-forwards', {
      method: 'POST',
      headers: under.bearer(),
      body: JSON.stringify(request),
    })
  }

  it('leads a Service to a ready pod, found anew for each connection', async () => {
    const asked = streamingUpgrades()
    const echo = createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket))
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    const echoPort = (echo.address() as AddressInfo).port
    serve('web-1', echoPort)
    const created = await start({ namespace: 'default', kind: 'Service', name: 'web', port: 'http' })
    expect(created.code).toBe(201)
    const forward = JSON.parse(created.body) as PortForward
    expect(forward).toMatchObject({ state: 'active', address: '127.0.0.1', connections: 0 })
    expect(await exchange(forward.localPort, 'hello')).toBe('hello')
    serve('web-2', echoPort)
    const big = 'y'.repeat(3_000_000)
    expect(await exchange(forward.localPort, big)).toBe(big)
    expect(asked).toEqual(['web-1', 'web-2'])

    const list = await under.ask('/api/clusters/local/port-forwards', { headers: under.bearer() })
    expect(JSON.parse(list.body)).toMatchObject([{ id: forward.id, state: 'active' }])
    const taken = await start({
      namespace: 'default',
      kind: 'Service',
      name: 'web',
      port: 80,
      localPort: forward.localPort,
    })
    expect(taken.code).toBe(409)
    const path = `/api/clusters/local/port-forwards/${forward.id}`
    expect((await under.ask(path, { method: 'DELETE', headers: under.bearer() })).code).toBe(204)
    expect((await under.ask(path, { method: 'DELETE', headers: under.bearer() })).code).toBe(404)
    await expect(exchange(forward.localPort, 'x')).rejects.toThrow('ECONNREFUSED')
    echo.close()
  })

  it('says why it cannot connect', async () => {
    streamingUpgrades()
    json('/api/v1/namespaces/default/pods/web-1', runningPod('web-1'))
    const created = await start({ namespace: 'default', kind: 'Pod', name: 'web-1', port: 'web' })
    const forward = JSON.parse(created.body) as PortForward
    expect(await exchange(forward.localPort, 'x').catch(() => '')).toBe('')
    const list = await under.ask('/api/clusters/local/port-forwards', { headers: under.bearer() })
    expect(JSON.parse(list.body)).toMatchObject([
      { state: 'failed', message: expect.stringContaining('error forwarding port 1 to pod') as string },
    ])
  })

  it('refuses what does not exist or makes no sense', async () => {
    serve('web-1', 80)
    expect((await start({ namespace: 'default', kind: 'Service', name: 'none', port: 80 })).code).toBe(404)
    expect((await start({ namespace: 'default', kind: 'Service', name: 'web', port: 81 })).code).toBe(400)
    expect((await start({ namespace: 'default', kind: 'Node', name: 'web', port: 80 })).code).toBe(400)
    expect((await start({ namespace: 'default', kind: 'Service', name: 'web', port: 70_000 })).code).toBe(400)
  })
})
