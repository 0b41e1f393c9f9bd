import { isLoopbackAddress } from '../../api/loopback.ts'
import type { ServiceEntry } from '../service-rules/service-entries.ts'
import { isWildcardPort, type HostPort } from './host-port-index.ts'

/**
 * The rules that host ports are, for pods: at the address of the node. `insideOf` names the node whose own namespace the rules are
 * for, where they answer at its loopback too. Pods on the network of their node have its ports without any rule.
 */
export function hostPortEntries(ports: readonly HostPort[], insideOf?: string): ServiceEntry[] {
  return ports
    .filter(({ podIp, nodeIp }) => podIp !== nodeIp)
    .flatMap((port) =>
      addressesOf(port, port.nodeName === insideOf).map((clusterIp) => ({
        clusterIp,
        protocol: port.protocol,
        port: port.port,
        endpoints: [`${port.podIp}:${port.containerPort}`],
        affinitySeconds: 0,
      })),
    )
}

function addressesOf(port: HostPort, isInside: boolean): string[] {
  const { hostIp, nodeIp } = port
  if (isWildcardPort(port)) return isInside ? [nodeIp, '127.0.0.1'] : [nodeIp]
  if (isLoopbackAddress(hostIp)) return isInside ? [hostIp] : []
  return hostIp === nodeIp ? [nodeIp] : []
}
