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

/**
 * The filtered rows in their order, kept as an index: a batch of k changes among n rows costs one pass over n and
 * k·log n comparisons, never a sort of all. `rows` is a new array after every change.
 */
export class RowOrder {
  rows: readonly LiveRow[] = []
  #entries: { row: LiveRow; key: string | number }[] = []
  #options: RowOrderOptions

  constructor(options: RowOrderOptions) {
    this.#options = options
  }

  /** Takes new options and all rows. */
  rebuild(options: RowOrderOptions, rows: Iterable<LiveRow>): void {
    this.#options = options
    this.#entries = []
    for (const row of rows) {
      if (options.matches(row)) this.#entries.push({ row, key: options.sortKey(row) })
    }
    this.#entries.sort((a, b) => this.#compare(a, b))
    this.rows = this.#entries.map(({ row }) => row)
  }

  /** Applies one batch of changes. */
  apply(upserts: LiveRow[], deletes: string[]): void {
    const gone = new Set(deletes)
    for (const row of upserts) gone.add(row.uid)
    const added = upserts
      .filter((row) => this.#options.matches(row))
      .map((row) => ({ row, key: this.#options.sortKey(row) }))
      .sort((a, b) => this.#compare(a, b))
    const kept = this.#entries.filter(({ row }) => !gone.has(row.uid))
    const merged: typeof kept = []
    let from = 0
    for (const entry of added) {
      const position = this.#position(kept, entry, from)
      for (let i = from; i < position; i++) merged.push(kept[i]!)
      merged.push(entry)
      from = position
    }
    for (let i = from; i < kept.length; i++) merged.push(kept[i]!)
    this.#entries = merged
    this.rows = merged.map(({ row }) => row)
  }

  #compare(a: { row: LiveRow; key: string | number }, b: { row: LiveRow; key: string | number }): number {
    const byKey = compareKeys(a.key, b.key)
    if (byKey !== 0) return this.#options.descending ? -byKey : byKey
    return compareIdentity(a.row, b.row)
  }

  #position(
    entries: { row: LiveRow; key: string | number }[],
    entry: { row: LiveRow; key: string | number },
    from: number,
  ): number {
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
