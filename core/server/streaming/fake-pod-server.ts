import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Pod } from '../../api/generated/core-v1.ts'
import { notFound } from '../../api/status.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import type { NodeBackend } from './backend.ts'
import { createStreamingHandler } from './streaming-handler.ts'

/** The least API server that kubectl can exec, attach and port-forward with: discovery, pods and streams. */
export interface FakePodServer {
  url: string
  port: number
  /** `METHOD protocol subprotocol` of each upgrade, in order. */
  upgrades: string[]
  close(): Promise<void>
}

/** Starts it on a free port of 127.0.0.1 with `pods` on a node `node-1`. */
export async function startFakePodServer(options: {
  key: string
  certificate: string
  pods: Pod[]
  backend: NodeBackend
}): Promise<FakePodServer> {
  const find = (namespace: string, name: string): Pod => {
    const pod = options.pods.find((p) => p.metadata.namespace === namespace && p.metadata.name === name)
    if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
    return pod
  }
  const handler = createStreamingHandler({
    nodeBackends: (name) => (name === 'node-1' ? options.backend : undefined),
    async resolvePod(namespace, name) {
      const pod = find(namespace, name)
      return { pod, nodeName: pod.spec?.nodeName }
    },
    clock: systemClock,
    log: silentLogger,
  })
  const upgrades: string[] = []
  const sockets = new Set<Duplex>()
  const server = createServer({ key: options.key, cert: options.certificate }, (request, response) => {
    const path = new URL(request.url ?? '/', 'https://localhost').pathname
    const answer = answers(options.pods)[path]
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? notFound({ group: '', resource: 'pages' }, path).status))
  })
  server.on('connection', (socket) => void sockets.add(socket))
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'https://localhost')
    const [, , , , namespace = '', , name = '', subresource = ''] = url.pathname.split('/')
    const offered = request.headers['sec-websocket-protocol'] ?? request.headers['x-stream-protocol-version']
    upgrades.push(`${request.method} ${request.headers.upgrade} ${String(offered)}`)
    void handler.handle({ namespace, name, subresource, query: url.searchParams }, { request, socket, head })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    upgrades,
    async close() {
      handler.close()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answers(pods: Pod[]): Record<string, object> {
  const list: Record<string, object> = {
    '/api': { kind: 'APIVersions', apiVersion: 'v1', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
    '/version': { major: '1', minor: '36', gitVersion: 'v1.36.0' },
    '/api/v1': {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'v1',
      resources: [
        { name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'] },
      ],
    },
  }
  for (const pod of pods) {
    const { namespace, name } = pod.metadata
    list[`/api/v1/namespaces/${namespace}/pods/${name}`] = { apiVersion: 'v1', kind: 'Pod', ...pod }
  }
  return list
}
