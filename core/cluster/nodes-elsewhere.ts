import type { Pki } from '../auth/pki.ts'
import { resources } from '../api/resources.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import type { NodeBackend } from '../server/streaming/backend.ts'
import type { Clock } from '../util/clock.ts'
import { createKubeletConnector } from './kubelet-connector.ts'
import type { Nodes } from './nodes.ts'
import { createRemoteNodeBackend } from './remote-node-backend.ts'
import { readRemoteUsage } from './remote-node-usage.ts'
import type { MeasuredNode } from './resource-metrics.ts'

/** Nodes that other processes run, over the same store. */
export interface NodesElsewhere {
  backends(nodeName: string): NodeBackend | undefined
  kubeletAddress(nodeName: string): { host: string; port: number } | undefined
  usageOf(nodeName: string): Promise<MeasuredNode> | undefined
}

/**
 * Finds the kubelets of nodes that other processes of this machine run: on its loopback, at the port that the node tells
 * of. Their certificates say whether it is them. Nodes that are only simulated have no kubelet API.
 */
export function createNodesElsewhere(options: {
  pki: Pki
  informers: InformerFactory
  /** The nodes of this process, for which nothing is found; undefined until they are known. */
  own: () => Nodes | undefined
  clock: Clock
}): NodesElsewhere {
  const { pki, own, clock } = options
  const nodes = options.informers.informer(resources.nodes).store
  function kubeletAddress(nodeName: string): { host: string; port: number } | undefined {
    if (own()?.isHere(nodeName) !== false) return undefined
    const port = nodes.get(nodeName)?.status?.daemonEndpoints?.kubeletEndpoint?.Port
    return port ? { host: '127.0.0.1', port } : undefined
  }
  const connect = createKubeletConnector({ pki, addressOf: kubeletAddress, clock })
  return {
    kubeletAddress,
    usageOf(nodeName) {
      if (!kubeletAddress(nodeName)) return undefined
      return readRemoteUsage(async () => connect(nodeName)!)
    },
    backends(nodeName) {
      if (!kubeletAddress(nodeName)) return undefined
      return createRemoteNodeBackend({ clock, connect: async () => connect(nodeName)! })
    },
  }
}
