import type { LiveColumn, LiveRow, LiveTarget } from '../../api/live.ts'
import type { Status } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { TableSource } from './table-source.ts'
import { followTable } from './table-watch.ts'

/** Changes since the last ones: rows as JSON text by uid, undefined for those that are gone. */
export type LiveChanges = ReadonlyMap<string, string | undefined>

/** One reader of a list. */
export interface LiveReader {
  /** The list can be read from scratch now, or has to be. */
  reset(): void
  /** Without any changes: now the list is whole. */
  changed(changes: LiveChanges): void
  failed(status: Status): void
}

/** How long changes are gathered before they are told. */
const batchMs = 50

/**
 * One list of one cluster, followed once for all who look at it. Rows are kept as the JSON text that goes over the
 * wire, so that any number of readers costs no second serialisation.
 */
export class LiveList {
  readonly #readers = new Set<LiveReader>()
  readonly #rows = new Map<string, string>()
  readonly #clock: Clock
  readonly #follower: Disposable
  #columns: LiveColumn[] | undefined
  #resourceVersion = ''
  #hasMore = false
  #error: Status | undefined
  #changes = new Map<string, string | undefined>()
  #timer: Disposable | undefined

  constructor(options: { source: () => TableSource; target: LiveTarget; clock: Clock; log: Logger }) {
    this.#clock = options.clock
    this.#follower = followTable({
      ...options,
      sink: {
        replace: (columns, rows, version, hasMore) => {
          this.#hasMore = hasMore
          this.#replace(columns, rows, version)
        },
        completed: () => this.#complete(),
        change: (change, version) => this.#change(change, version),
        bookmark: (version) => void (this.#resourceVersion = version),
        failed: (status) => this.#fail(status),
        recovered: () => this.#recover(),
      },
    })
  }

  /** Rows now held. */
  get size(): number {
    return this.#rows.size
  }

  /** How messages about the list as it is now end, as JSON: its revision, and whether there is more of it. */
  get messageEnd(): string {
    return `"resourceVersion":${JSON.stringify(this.#resourceVersion)}${this.#hasMore ? ',"more":true' : ''}}`
  }

  /** Adds a reader and tells it at once what there is. */
  add(reader: LiveReader): void {
    this.#readers.add(reader)
    if (this.#error) reader.failed(this.#error)
    else if (this.#columns) reader.reset()
  }

  /** Whether any reader is left. */
  remove(reader: LiveReader): boolean {
    this.#readers.delete(reader)
    return this.#readers.size > 0
  }

  /** The `snapshot` message for a subscription, as JSON. */
  snapshot(id: number): string {
    const columns = JSON.stringify(this.#columns ?? [])
    const rows = [...this.#rows.values()].join(',')
    return `{"id":${id},"type":"snapshot","columns":${columns},"rows":[${rows}],${this.messageEnd}`
  }

  [Symbol.dispose](): void {
    this.#follower[Symbol.dispose]()
    this.#timer?.[Symbol.dispose]()
    this.#readers.clear()
    this.#rows.clear()
  }

  #replace(columns: LiveColumn[], rows: LiveRow[], version: string): void {
    this.#columns = columns
    this.#resourceVersion = version
    this.#rows.clear()
    for (const row of rows) this.#rows.set(row.uid, JSON.stringify(row))
    this.#recover()
  }

  #change(change: { upsert: LiveRow } | { delete: string }, version: string): void {
    this.#resourceVersion = version
    if ('delete' in change) {
      if (!this.#rows.delete(change.delete)) return
      this.#changes.set(change.delete, undefined)
    } else {
      const { uid } = change.upsert
      const text = JSON.stringify(change.upsert)
      if (this.#rows.get(uid) === text) return
      this.#rows.set(uid, text)
      this.#changes.set(uid, text)
    }
    this.#timer ??= this.#clock.after(batchMs, () => this.#flush())
  }

  #complete(): void {
    if (!this.#hasMore) return
    this.#hasMore = false
    this.#tell()
  }

  #flush(): void {
    this.#timer = undefined
    if (this.#changes.size > 0) this.#tell()
  }

  #tell(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    const changes = this.#changes
    this.#changes = new Map()
    for (const reader of this.#readers) reader.changed(changes)
  }

  #recover(): void {
    this.#error = undefined
    this.#changes.clear()
    for (const reader of this.#readers) reader.reset()
  }

  #fail(status: Status): void {
    // Every attempt ends the same way for a kind that is not served; once said is enough.
    const isKnown = this.#error?.code === status.code && this.#error.message === status.message
    this.#error = status
    if (isKnown) return
    for (const reader of this.#readers) reader.failed(status)
  }
}
