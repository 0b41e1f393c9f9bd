import { BlockList, connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Duplex } from 'node:stream'

/**
 * Whether an address lies on a network this machine is attached to, as the pods' bridge is where the engine runs on this
 * very machine. Elsewhere (Docker Desktop, a remote engine) pods can only be reached through the node agent.
 */
export function isOnOwnNetwork(ip: string): boolean {
  const networks = new BlockList()
  for (const { family, internal, cidr } of Object.values(networkInterfaces()).flatMap((all) => all ?? [])) {
    if (internal || family !== 'IPv4' || cidr === null) continue
    const [address, bits] = cidr.split('/')
    networks.addSubnet(address!, Number(bits), 'ipv4')
  }
  return networks.check(ip)
}

/** A TCP connection; rejects with Go's words, as probe messages are known by: `dial tcp IP:PORT: connect: connection refused`. */
export function connectTo(ip: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: ip, port })
    const onError = (error: NodeJS.ErrnoException): void => {
      const why = error.code === 'ECONNREFUSED' ? 'connect: connection refused' : error.message
      reject(new Error(`dial tcp ${ip}:${port}: ${why}`, { cause: error }))
    }
    socket.once('error', onError)
    socket.once('connect', () => {
      socket.off('error', onError)
      resolve(socket)
    })
  })
}
