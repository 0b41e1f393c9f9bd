import { randomUUID } from 'node:crypto'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { PortForward, PortForwardRequest } from '../../api/gateway.ts'
import { badRequest, failure, notFound } from '../../api/status.ts'
import { rfc3339, type Clock } from '../../util/clock.ts'
import { joinStreams } from '../../util/join-streams.ts'
import type { Logger } from '../../util/logger.ts'
import type { Upstream } from '../upstream.ts'
import { connectToPod } from './pod-connection.ts'
import { checkTargetExists, resolveTarget } from './resolve-target.ts'

/** The forwards of one gateway. They live until deleted or the gateway closes; pods may come and go meanwhile. */
export interface PortForwards {
  list(cluster: string): PortForward[]
  /** Throws StatusErrors: 400 for a bad request, 404 for no such object, 409 for a local port in use. */
  create(upstream: Upstream, request: Record<string, unknown>): Promise<PortForward>
  /** Throws 404. Open connections are cut. */
  remove(cluster: string, id: string): Promise<void>
  close(): Promise<void>
}

interface Forward {
  info: PortForward
  upstream: Upstream
  server: Server
  sockets: Set<Socket>
}

const loopback = '127.0.0.1'

/** Creates the keeper of port-forwards. */
export function createPortForwards(options: {
  clock: Clock
  log: Logger
  random: () => number
}): PortForwards {
  const { clock, log, random } = options
  const forwards = new Map<string, Forward>()

  async function serve(forward: Forward, socket: Socket): Promise<void> {
    const { info, upstream, sockets } = forward
    socket.on('error', () => undefined)
    sockets.add(socket)
    info.connections = sockets.size
    socket.once('close', () => {
      sockets.delete(socket)
      info.connections = sockets.size
    })
    try {
      const { pod, port } = await resolveTarget(upstream, info, random)
      const connection = await connectToPod(upstream, { namespace: info.namespace, pod, port }, clock)
      void connection.failure.then((message) => {
        if (message === undefined) return
        fail(info, message)
        socket.destroy()
      })
      info.state = 'active'
      delete info.message
      await joinStreams(socket, connection.stream)
    } catch (error) {
      fail(info, error instanceof Error ? error.message : String(error))
      socket.destroy()
    }
  }

  function fail(info: PortForward, message: string): void {
    info.state = 'failed'
    info.message = message
    log.debug('port-forward failed', { id: info.id, message })
  }

  async function stop({ server, sockets }: Forward): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }

  return {
    list: (cluster) =>
      [...forwards.values()]
        .filter(({ upstream }) => upstream.cluster.id === cluster)
        .map(({ info }) => structuredClone(info)),

    async create(upstream, body) {
      const request = readRequest(body)
      await checkTargetExists(upstream, request)
      const sockets = new Set<Socket>()
      const server = createServer(
        { allowHalfOpen: true, noDelay: true },
        (socket) => void serve(forward, socket),
      )
      const localPort = await listen(server, request.localPort ?? 0)
      const info: PortForward = {
        ...request,
        id: randomUUID(),
        localPort,
        address: loopback,
        state: 'active',
        connections: 0,
        startedAt: rfc3339(clock.now()),
      }
      const forward: Forward = { info, upstream, server, sockets }
      forwards.set(info.id, forward)
      return structuredClone(info)
    },

    async remove(cluster, id) {
      const forward = forwards.get(id)
      if (forward?.upstream.cluster.id !== cluster)
        throw notFound({ group: '', resource: 'port-forwards' }, id)
      forwards.delete(id)
      await stop(forward)
    },

    async close() {
      await Promise.all([...forwards.values()].map(stop))
      forwards.clear()
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)))
    server.listen(port, loopback, resolve)
  })
  return (server.address() as AddressInfo).port
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return failure(409, 'Conflict', `local port ${port} is in use; choose another or 0 for a free one`)
  }
  if (error.code === 'EACCES')
    return failure(403, 'Forbidden', `local port ${port} may not be used by this user`)
  return error
}

function readRequest(body: Record<string, unknown>): PortForwardRequest {
  const { namespace, kind, name, port, localPort } = body
  if (typeof namespace !== 'string' || namespace === '') throw badRequest('namespace: Required value')
  if (typeof name !== 'string' || name === '') throw badRequest('name: Required value')
  if (kind !== 'Pod' && kind !== 'Service') throw badRequest('kind: must be "Pod" or "Service"')
  const isNumber = isPort(port, 1)
  if (!isNumber && !(typeof port === 'string' && port !== '' && !isBadNumber(port))) {
    throw badRequest('port: must be a name or a number from 1 to 65535')
  }
  if (localPort !== undefined && !isPort(localPort, 0)) {
    throw badRequest('localPort: must be a number from 0 to 65535')
  }
  return { namespace, kind, name, port, ...(localPort !== undefined && { localPort }) }
}

function isPort(value: unknown, minimum: number): value is number {
  return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= 65_535
}

function isBadNumber(text: string): boolean {
  return /^\d+$/.test(text) && !isPort(Number(text), 1)
}
