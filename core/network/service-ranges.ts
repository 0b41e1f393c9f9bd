import type { ServiceCIDR } from '../api/generated/networking-v1.ts'
import type { ObjectSource } from './object-source.ts'

/** The networks of cluster IPs: those of all ServiceCIDRs. One per process, shared by all nodes' rules. */
export interface ServiceRanges {
  /** IPv4 networks in order, each once; one may lie in another. */
  list(): readonly string[]
  onChange(listener: () => void): Disposable
  /** Resolves once the source is complete. */
  readonly synced: Promise<void>
  [Symbol.dispose](): void
}

/** Follows the ServiceCIDRs until disposed; `first` is a range from the beginning, before any is seen. */
export function createServiceRanges(source: ObjectSource<ServiceCIDR>, first: string): ServiceRanges {
  const networks = new Map<string, string[]>()
  const listeners = new Set<() => void>()
  let current: readonly string[] = [first]

  function update(): void {
    const next = [...new Set([first, ...[...networks.values()].flat()])].toSorted()
    if (next.join() === current.join()) return
    current = next
    for (const listener of listeners) listener()
  }
  function put({ metadata, spec }: ServiceCIDR): void {
    const cidrs = spec.cidrs ?? []
    networks.set(
      metadata.name,
      cidrs.filter((cidr) => !cidr.includes(':')),
    )
    update()
  }

  const subscription = source.addHandler({
    added: put,
    updated: put,
    deleted({ metadata }) {
      networks.delete(metadata.name)
      update()
    },
  })
  return {
    list: () => current,
    onChange(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    synced: source.whenSynced(),
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}
