import type { NodeAddress, ServiceEntry } from './service-rules/service-entries.ts'

/**
 * Addresses on the pod network that no interface has and that lead to this process: where pods reach the nodes' kubelets, and what kube-proxy
 * would answer there. One
 * per process, shared by all nodes' rules.
 */
export interface HostEntries {
  list(): ServiceEntry[]
  /** The nodes whose kubelets have entries, by the address these are for. */
  nodes(): NodeAddress[]
  /** Replaces what was set for this node and purpose (the kubelet) before; an empty list takes it away. */
  set(node: string, entries: ServiceEntry[], purpose?: HostEntryPurpose): void
  onChange(listener: () => void): Disposable
}

/** What of a node's listens here. */
export type HostEntryPurpose = 'kubelet' | 'health-checks'

/** No entries yet. */
export function createHostEntries(): HostEntries {
  const byNode: Record<HostEntryPurpose, Map<string, ServiceEntry[]>> = {
    kubelet: new Map(),
    'health-checks': new Map(),
  }
  const listeners = new Set<() => void>()
  return {
    list: () => Object.values(byNode).flatMap((entries) => [...entries.values()].flat()),
    nodes: () =>
      [...byNode.kubelet].flatMap(([name, [first]]) => (first ? [{ name, ip: first.clusterIp }] : [])),
    set(node, entries, purpose = 'kubelet') {
      if (entries.length > 0) byNode[purpose].set(node, entries)
      else if (!byNode[purpose].delete(node)) return
      for (const listener of listeners) listener()
    },
    onChange(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
}
