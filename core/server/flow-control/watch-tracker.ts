import type { RequestInfo } from '../request-info.ts'

/** Counts running watches by what they are of (upstream: watch_tracker.go). */
export class WatchTracker {
  readonly #counts = new Map<string, number>()

  /** Counts a watch until disposed. */
  register(info: RequestInfo): Disposable {
    const key = keyOf(info, info.namespace, info.name)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    return {
      [Symbol.dispose]: () => {
        const count = (this.#counts.get(key) ?? 1) - 1
        if (count > 0) this.#counts.set(key, count)
        else this.#counts.delete(key)
      },
    }
  }

  /** How many watches would be told of a write. */
  interestedIn(info: RequestInfo): number {
    if (this.#counts.size === 0) return 0
    const { namespace, name } = info
    let count = this.#at(info, '', '')
    if (name !== '') count += this.#at(info, '', name)
    if (namespace === '') return count
    count += this.#at(info, namespace, '')
    return name === '' ? count : count + this.#at(info, namespace, name)
  }

  #at(info: RequestInfo, namespace: string, name: string): number {
    return this.#counts.get(keyOf(info, namespace, name)) ?? 0
  }
}

function keyOf({ apiGroup, resource }: RequestInfo, namespace: string, name: string): string {
  return `${apiGroup}/${resource}/${namespace}/${name}`
}
