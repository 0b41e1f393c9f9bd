import type { NodeInfo } from './node-info.ts'

/** The node's place in a topology; undefined when it does not have the label. */
export function topologyValue({ node }: NodeInfo, key: string): string | undefined {
  return node?.metadata.labels?.[key]
}

/** Numbers by topology key and value; a number that comes to 0 is forgotten. */
export class TopologyCounts {
  #counts = new Map<string, Map<string, number>>()

  get isEmpty(): boolean {
    return this.#counts.size === 0
  }

  keys(): Iterable<string> {
    return this.#counts.keys()
  }

  /** Adds to the place the node has in this topology; nothing when it has none. */
  add(node: NodeInfo, key: string, delta: number): void {
    const value = topologyValue(node, key)
    if (value === undefined) return
    let counts = this.#counts.get(key)
    if (!counts) this.#counts.set(key, (counts = new Map<string, number>()))
    const count = (counts.get(value) ?? 0) + delta
    if (count !== 0) counts.set(value, count)
    else counts.delete(value)
    if (counts.size === 0) this.#counts.delete(key)
  }

  /** The number at the node's place; 0 when it has none. */
  at(node: NodeInfo, key: string): number {
    const value = topologyValue(node, key)
    return value === undefined ? 0 : (this.#counts.get(key)?.get(value) ?? 0)
  }
}
