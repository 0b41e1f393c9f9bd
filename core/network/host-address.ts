import { once } from 'node:events'
import { createServer } from 'node:net'

/** How pods reach this process: it listens on one address, they connect to another (the same one on Linux). */
export interface HostAddress {
  listen: string
  reach: string
}

export interface HostAddressOptions {
  /** Gateway of the cluster's Docker network. */
  gateway: string
  /** Address that containers know the host by where the engine runs in a virtual machine (Docker Desktop, Colima). */
  hostGateway?: string
}

/**
 * Decides how pods reach this process. On a local Linux engine the gateway of their network is an address of this
 * machine. An engine in a virtual machine forwards its host address to this machine's loopback. Otherwise gives the
 * reason, in words for the user.
 */
export async function hostAddress(
  options: HostAddressOptions,
): Promise<HostAddress | { unreachable: string }> {
  const { gateway, hostGateway } = options
  if (await isLocal(gateway)) return { listen: gateway, reach: gateway }
  if (hostGateway !== undefined) return { listen: '127.0.0.1', reach: hostGateway }
  return {
    unreachable:
      `pods cannot reach this process: their gateway ${gateway} is no address of this machine, and the Docker engine ` +
      'does not say how its containers reach the host. Cluster DNS and the API server are not available inside pods.',
  }
}

/** Tried by listening: a bridge without containers is missing from the list of interfaces that Node gives. */
async function isLocal(address: string): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(0, address)
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
