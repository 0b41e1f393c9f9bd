import type { LiveRow } from '../../core/api/live.ts'

export interface RowOrderOptions {
  matches(row: LiveRow): boolean
  sortKey(row: LiveRow): string | number
  descending: boolean
}

const collator = new Intl.Collator('en', { numeric: true })

function compareKeys(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : collator.compare(a, b)
  return typeof a === 'number' ? -1 : 1
}

/** Ties go by namespace and name, so that equal keys keep a steady order. */
function compareIdentity(a: LiveRow, b: LiveRow): number {
  return (
    compareKeys(a.namespace ?? '', b.namespace ?? '') ||
    compareKeys(a.name, b.name) ||
    (a.uid < b.uid ? -1 : 1)
  )
}

interface Entry {
  row: LiveRow
  key: string | number
}

/**
 * The filtered rows in their order, kept as an index: a batch of k changes among n rows costs k·log n comparisons, and one pass over n where
 * rows come, go or move; never a sort of all. `rows` is a new array after every change.
 */
export class RowOrder {
  rows: readonly LiveRow[] = []
  #entries: Entry[] = []
  readonly #byUid = new Map<string, Entry>()
  #options: RowOrderOptions

  constructor(options: RowOrderOptions) {
    this.#options = options
  }

  /** Takes new options and all rows. */
  rebuild(options: RowOrderOptions, rows: Iterable<LiveRow>): void {
    this.#options = options
    this.#entries = []
    this.#byUid.clear()
    for (const row of rows) {
      if (!options.matches(row)) continue
      const entry = { row, key: options.sortKey(row) }
      this.#entries.push(entry)
      this.#byUid.set(row.uid, entry)
    }
    this.#entries.sort((a, b) => this.#compare(a, b))
    this.rows = this.#entries.map(({ row }) => row)
  }

  /** Applies one batch of changes. */
  apply(upserts: LiveRow[], deletes: string[]): void {
    const rows = this.rows.slice()
    const gone = new Set<Entry>()
    const added: Entry[] = []
    for (const uid of deletes) this.#remove(uid, gone)
    for (const row of upserts) {
      const entry = this.#options.matches(row) ? { row, key: this.#options.sortKey(row) } : undefined
      if (entry && this.#exchange(entry, rows)) continue
      this.#remove(row.uid, gone)
      if (!entry) continue
      added.push(entry)
      this.#byUid.set(row.uid, entry)
    }
    this.rows = gone.size > 0 || added.length > 0 ? this.#merge(added, gone) : rows
  }

  /** Puts a row that changed where it was, if that is still its place. */
  #exchange({ row, key }: Entry, rows: LiveRow[]): boolean {
    const entry = this.#byUid.get(row.uid)
    if (entry?.key !== key || entry.row.name !== row.name || entry.row.namespace !== row.namespace)
      return false
    const at = this.#position(this.#entries, entry, 0) - 1
    if (this.#entries[at] !== entry) return false
    entry.row = row
    rows[at] = row
    return true
  }

  #remove(uid: string, gone: Set<Entry>): void {
    const entry = this.#byUid.get(uid)
    if (!entry) return
    this.#byUid.delete(uid)
    gone.add(entry)
  }

  #merge(added: Entry[], gone: ReadonlySet<Entry>): LiveRow[] {
    added.sort((a, b) => this.#compare(a, b))
    const kept = gone.size > 0 ? this.#entries.filter((entry) => !gone.has(entry)) : this.#entries
    const merged: Entry[] = []
    let from = 0
    for (const entry of added) {
      const position = this.#position(kept, entry, from)
      for (let i = from; i < position; i++) merged.push(kept[i]!)
      merged.push(entry)
      from = position
    }
    for (let i = from; i < kept.length; i++) merged.push(kept[i]!)
    this.#entries = merged
    return merged.map(({ row }) => row)
  }

  #compare(a: Entry, b: Entry): number {
    const byKey = compareKeys(a.key, b.key)
    if (byKey !== 0) return this.#options.descending ? -byKey : byKey
    return compareIdentity(a.row, b.row)
  }

  #position(entries: readonly Entry[], entry: Entry, from: number): number {
    let low = from
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(entries[middle]!, entry) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
