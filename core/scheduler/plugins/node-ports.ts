import type { NodeInfo } from '../node-info.ts'
import type { FilterPlugin } from '../plugin.ts'
import type { HostPort } from '../pod-info.ts'

const rejection = {
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  isResolvable: true,
}
const anyAddress = '0.0.0.0'

function conflicts(a: HostPort, b: HostPort): boolean {
  const isSameAddress = a.ip === b.ip || a.ip === anyAddress || b.ip === anyAddress
  return isSameAddress && a.port === b.port && a.protocol === b.protocol
}

function isTaken(node: NodeInfo, wanted: HostPort[]): boolean {
  for (const { hostPorts } of node.pods.values()) {
    if (hostPorts.some((used) => wanted.some((port) => conflicts(used, port)))) return true
  }
  return false
}

/** Host ports must be free on the node (upstream: plugins/nodeports). */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  prepare({ hostPorts }) {
    if (hostPorts.length === 0) return undefined
    return { check: (node) => (isTaken(node, hostPorts) ? rejection : undefined) }
  },
}
