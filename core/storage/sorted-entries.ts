import type { Entry } from './store.ts'

/** A chunk that grows past this is cut in two. Small enough to be moved for nothing, large enough for few of them. */
const maxChunk = 512

/**
 * Entries in key order, in chunks: of tens of thousands only one chunk moves when an entry comes or goes. Keys are compared by code
 * unit, which for Kubernetes names is the byte order of the journal.
 */
export class SortedEntries {
  /** None of them is empty. */
  #chunks: Entry[][] = []

  /** Puts an entry in the place of the one with its key, or between its neighbours. */
  set(entry: Entry): void {
    const at = this.#chunkFor(entry.key)
    const chunk = this.#chunks[at]
    if (!chunk) {
      this.#chunks.push([entry])
      return
    }
    const position = lowerBound(chunk, entry.key)
    if (chunk[position]?.key === entry.key) chunk[position] = entry
    else {
      chunk.splice(position, 0, entry)
      if (chunk.length > maxChunk) this.#chunks.splice(at + 1, 0, chunk.splice(chunk.length >>> 1))
    }
  }

  /** Takes out the entry with this key, if there is one. */
  delete(key: string): void {
    const at = this.#chunkFor(key)
    const chunk = this.#chunks[at]
    if (!chunk) return
    const position = lowerBound(chunk, key)
    if (chunk[position]?.key !== key) return
    chunk.splice(position, 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
  }

  /** A copy of the entries from the key `from` (without it when `exclusive`) up to and without the key `end`. */
  slice(from: string, end: string | undefined, exclusive = false): Entry[] {
    const first = this.#chunkFor(from)
    const last = end === undefined ? this.#chunks.length - 1 : this.#chunkFor(end)
    const parts = this.#chunks.slice(first, last + 1)
    if (parts.length === 0) return []
    // Cut the end first: where there is one chunk, both ends are in it.
    if (end !== undefined) parts.push(parts.pop()!.slice(0, lowerBound(this.#chunks[last]!, end)))
    parts[0] = parts[0]!.slice(lowerBound(this.#chunks[first]!, from, exclusive))
    return parts.length === 1 ? parts[0] : parts[0].concat(...parts.slice(1))
  }

  /** The chunk that a key is in or belongs into: the last one that does not begin after it. */
  #chunkFor(key: string): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#chunks[middle]![0]!.key <= key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

/** Position of the first entry with key >= `key`, or > `key` when `exclusive`. */
function lowerBound(sorted: Entry[], key: string, exclusive = false): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = sorted[middle]!.key
    if (at < key || (exclusive && at === key)) low = middle + 1
    else high = middle
  }
  return low
}
