import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { KubeObject } from '../../api/meta.ts'
import { failure, notFound, type Status } from '../../api/status.ts'

type Route = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void

/** An API server for tests: any JSON at any path, and lists that are served and watched as Tables. */
export interface FakeApiServer {
  url: string
  port: number
  /** `METHOD path` of each request so far. */
  requests: string[]
  /** Answers of further paths. */
  routes: Map<string, Route>
  /** Serves a list; give its path without the query. */
  list(path: string, objects: KubeObject[]): FakeList
  /** What WebSocket and SPDY upgrades get. */
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  close(): Promise<void>
}

export interface FakeList {
  set(object: KubeObject): void
  delete(name: string): void
  /** Watches now open. */
  readonly watchers: number
  /** Ends every watch: in the ordinary way, or with an ERROR event. */
  endWatches(status?: Status): void
  /** Refuses lists and watches until called with undefined. */
  refuse(status: Status | undefined): void
}

/** Starts it on a free port of 127.0.0.1. */
export async function startFakeApiServer(tls: { key: string; certificate: string }): Promise<FakeApiServer> {
  const routes = new Map<string, Route>()
  const requests: string[] = []
  const sockets = new Set<Duplex>()
  const server = createServer({ key: tls.key, cert: tls.certificate }, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://localhost')
    requests.push(`${request.method} ${url.pathname}${url.searchParams.has('watch') ? ' watch' : ''}`)
    const route = routes.get(url.pathname)
    if (route) route(request, response, url.searchParams)
    else sendJson(response, notFound({ group: '', resource: 'things' }, url.pathname).status, 404)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const fake: FakeApiServer = {
    url: `https://127.0.0.1:${port}`,
    port,
    requests,
    routes,
    list: (path, objects) => addList(routes, path, objects),
    onUpgrade: (_request, socket) => socket.destroy(),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  server.on('upgrade', (request, socket, head) => fake.onUpgrade(request, socket, head))
  routes.set('/version', (_request, response) => sendJson(response, { gitVersion: 'v1.36.0' }))
  return fake
}

function sendJson(response: ServerResponse, value: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function addList(routes: Map<string, Route>, path: string, objects: KubeObject[]): FakeList {
  const items = new Map<string, KubeObject>()
  const watchers = new Set<ServerResponse>()
  let revision = 100
  let refusal: Status | undefined
  const keep = (object: KubeObject): KubeObject => {
    const { name } = object.metadata
    const known = {
      ...object.metadata,
      uid: object.metadata.uid ?? `uid-${name}`,
      resourceVersion: String(++revision),
    }
    const stored = { ...object, metadata: known }
    items.set(name, stored)
    return stored
  }
  const table = (rows: KubeObject[], withColumns: boolean): object => ({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: String(revision) },
    columnDefinitions: withColumns
      ? [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }]
      : null,
    rows: rows.map((object) => ({ cells: [object.metadata.name], object })),
  })
  const send = (type: string, object: KubeObject): void => {
    for (const watcher of watchers)
      watcher.write(`${JSON.stringify({ type, object: table([object], false) })}\n`)
  }
  objects.forEach(keep)
  routes.set(path, (request, response, query) => {
    if (refusal) {
      sendJson(response, refusal, refusal.code)
    } else if (!query.has('watch')) {
      const asTable = request.headers.accept?.includes('as=Table')
      sendJson(
        response,
        asTable
          ? table([...items.values()], true)
          : { kind: 'List', metadata: {}, items: [...items.values()] },
      )
    } else {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      watchers.add(response)
      response.once('close', () => watchers.delete(response))
    }
  })
  return {
    set(object) {
      const type = items.has(object.metadata.name) ? 'MODIFIED' : 'ADDED'
      send(type, keep(object))
    },
    delete(name) {
      const object = items.get(name)
      items.delete(name)
      revision++
      if (object) send('DELETED', object)
    },
    get watchers() {
      return watchers.size
    },
    endWatches(status) {
      for (const watcher of watchers) {
        watcher.end(status ? `${JSON.stringify({ type: 'ERROR', object: status })}\n` : undefined)
      }
    },
    refuse(status) {
      refusal = status
      if (status) for (const watcher of watchers) watcher.destroy()
    },
  }
}

/** A refusal as a real API server words it. */
export function refusal(code: number, reason: string): Status {
  return failure(code, reason, `${reason} for a test`).status
}
