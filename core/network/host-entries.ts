import type { NodeAddress, ServiceEntry } from './service-rules/service-entries.ts'

/**
 * Addresses on the pod network that no interface has and that lead to this process: where pods reach the nodes' kubelets. One
 * per process, shared by all nodes' rules.
 */
export interface HostEntries {
  list(): ServiceEntry[]
  /** The nodes that have entries, by the address these are for. */
  nodes(): NodeAddress[]
  /** Replaces what was set for this owner, a node's name, before; an empty list takes it away. */
  set(owner: string, entries: ServiceEntry[]): void
  onChange(listener: () => void): Disposable
}

/** No entries yet. */
export function createHostEntries(): HostEntries {
  const byOwner = new Map<string, ServiceEntry[]>()
  const listeners = new Set<() => void>()
  return {
    list: () => [...byOwner.values()].flat(),
    nodes: () => [...byOwner].flatMap(([name, [first]]) => (first ? [{ name, ip: first.clusterIp }] : [])),
    set(owner, entries) {
      if (entries.length > 0) byOwner.set(owner, entries)
      else if (!byOwner.delete(owner)) return
      for (const listener of listeners) listener()
    },
    onChange(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
}
