import { networkInterfaces } from 'node:os'

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
  /** IPv4 addresses of this machine; looked up unless given. */
  localAddresses?: string[]
}

/**
 * Decides how pods reach this process. On a local Linux engine the gateway of their network is an address of this machine.
 * An engine in a virtual machine forwards its host address to this machine's loopback. Otherwise the reason, in words for
 * the user.
 */
export function hostAddress(options: HostAddressOptions): HostAddress | { unreachable: string } {
  const { gateway, hostGateway } = options
  const local = options.localAddresses ?? localIpv4Addresses()
  if (local.includes(gateway)) return { listen: gateway, reach: gateway }
  if (hostGateway !== undefined) return { listen: '127.0.0.1', reach: hostGateway }
  return {
    unreachable:
      `pods cannot reach this process: their gateway ${gateway} is no address of this machine, and the Docker engine does ` +
      'not say how its containers reach the host. Cluster DNS and the API server are not available inside pods.',
  }
}

function localIpv4Addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
  )
}
