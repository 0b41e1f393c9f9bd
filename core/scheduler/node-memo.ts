/** Results that depend on the nodes and on nothing else that changes; all are forgotten when a node changes. */
export class NodeMemo {
  readonly #results = new Map<string, unknown>()
  readonly #maxResults = 1000

  /** The result of this key, computed when it is not known; a key always stands for one type. */
  get<T>(key: string, compute: () => T): T {
    if (this.#results.has(key)) return this.#results.get(key) as T
    if (this.#results.size >= this.#maxResults) this.#results.clear()
    const result = compute()
    this.#results.set(key, result)
    return result
  }

  clear(): void {
    this.#results.clear()
  }
}
