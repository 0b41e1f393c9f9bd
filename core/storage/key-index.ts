import { SortedEntries } from './sorted-entries.ts'
import type { Entry } from './store.ts'

interface Bucket {
  byKey: Map<string, Entry>
  sorted: SortedEntries
}

/** The `/<group>/<resource>/` part of a key or prefix, or undefined for a shorter prefix. */
export function resourcePrefix(key: string): string | undefined {
  const first = key.indexOf('/', 1)
  const second = first < 0 ? -1 : key.indexOf('/', first + 1)
  return second < 0 ? undefined : key.slice(0, second + 1)
}

/** The first key after every key that starts with `prefix`, or undefined when there is none. */
export function prefixEnd(prefix: string): string | undefined {
  if (prefix === '') return undefined
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}

/** Committed entries by key, and sorted within each resource, so that a list is a search and a copy. */
export class KeyIndex {
  #buckets = new Map<string, Bucket>()
  #size = 0
  #bytes = 0

  get size(): number {
    return this.#size
  }

  /** Sum of the entries' bytes. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Entry | undefined {
    return this.#buckets.get(resourcePrefix(key) ?? '')?.byKey.get(key)
  }

  set(entry: Entry): void {
    const bucket = this.#bucketOf(entry.key)
    const old = bucket.byKey.get(entry.key)
    bucket.byKey.set(entry.key, entry)
    this.#bytes += entry.bytes.length - (old?.bytes.length ?? 0)
    bucket.sorted.set(entry)
    if (!old) this.#size++
  }

  delete(key: string): void {
    const bucket = this.#bucketOf(key)
    const old = bucket.byKey.get(key)
    if (!old) return
    bucket.byKey.delete(key)
    bucket.sorted.delete(key)
    this.#size--
    this.#bytes -= old.bytes.length
  }

  /** Entries under a prefix in key order, with keys greater than `after` only. */
  range(prefix: string, after?: string): Entry[] {
    const resource = resourcePrefix(prefix)
    if (resource !== undefined) return rangeOf(this.#buckets.get(resource)?.sorted, prefix, after)
    const names = [...this.#buckets.keys()].filter((name) => name.startsWith(prefix)).sort()
    return names.flatMap((name) => rangeOf(this.#buckets.get(name)!.sorted, name, after))
  }

  #bucketOf(key: string): Bucket {
    const name = resourcePrefix(key) ?? ''
    let bucket = this.#buckets.get(name)
    if (!bucket) this.#buckets.set(name, (bucket = { byKey: new Map(), sorted: new SortedEntries() }))
    return bucket
  }
}

function rangeOf(sorted: SortedEntries | undefined, prefix: string, after: string | undefined): Entry[] {
  if (!sorted) return []
  const end = prefixEnd(prefix)
  return after !== undefined && after >= prefix ? sorted.slice(after, end, true) : sorted.slice(prefix, end)
}
