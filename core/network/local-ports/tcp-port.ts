import { createServer, type Server, type Socket } from 'node:net'
import { joinStreams } from '../../util/join-streams.ts'
import type { LocalPort, LocalPortOptions } from './local-port.ts'

/** Opens a TCP port that leads to a Service; half-closed connections stay open. Rejects where it cannot be bound. */
export async function openTcpPort(options: LocalPortOptions): Promise<LocalPort> {
  const { balancer, dialer, key, servicePort, accepts, log } = options
  const sockets = new Set<Socket>()

  async function forward(socket: Socket): Promise<void> {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const client = socket.remoteAddress ?? ''
    try {
      if (accepts && !accepts(client)) throw new Error(`${client} may not come in`)
      const target = balancer.choose({ key, port: servicePort, client })
      if (!target) throw new Error('no endpoint')
      const upstream = await dialer.dialEndpoint(target)
      if (socket.destroyed) upstream.destroy()
      else await joinStreams(socket, upstream)
    } catch (error) {
      log.debug('a connection was not taken', { service: key, port: options.port, error: String(error) })
      socket.resetAndDestroy()
    }
  }

  const server = createServer({ allowHalfOpen: true }, (socket) => void forward(socket))
  await listen(server, options)
  return {
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Resolves when the server listens; rejects with Node's error where it cannot. */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      server.on('error', () => undefined)
      resolve()
    })
  })
}
