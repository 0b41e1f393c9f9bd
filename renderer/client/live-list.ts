import { shallowRef, type ShallowRef } from 'vue'
import type { LiveColumn, LiveMessage, LiveRow } from '../../core/api/live.ts'
import type { Status } from '../../core/api/status.ts'

/** What changed in a frame. `reset` = everything may have changed. */
export type ListChange = { reset: true } | { reset: false; upserts: LiveRow[]; deletes: string[] }

export type ListState = 'loading' | 'ready' | 'error'

/**
 * The rows of one `/live` subscription. Rows lie in a plain Map, never deeply reactive; messages are gathered and
 * applied once per frame, then `version` grows and listeners hear what changed. After a lost connection the old rows
 * stay until the new snapshot arrives.
 */
export class LiveList {
  readonly rows = new Map<string, LiveRow>()
  readonly version: ShallowRef<number> = shallowRef(0)
  readonly state: ShallowRef<ListState> = shallowRef('loading')
  readonly error: ShallowRef<Status | undefined> = shallowRef()
  /** False while only the beginning of a long list is there. */
  readonly isWhole: ShallowRef<boolean> = shallowRef(false)
  readonly columns: ShallowRef<LiveColumn[]> = shallowRef([])
  #columnIndex = new Map<string, number>()
  #pending = new Map<string, LiveRow | undefined>()
  #isWholeNext = false
  #scheduled = false
  readonly #listeners = new Set<(change: ListChange) => void>()
  readonly #nextFrame: (run: () => void) => void

  constructor(nextFrame: (run: () => void) => void) {
    this.#nextFrame = nextFrame
  }

  /** Takes one message of the subscription. */
  readonly receive = (message: LiveMessage): void => {
    switch (message.type) {
      case 'snapshot':
        this.#reset(message.columns, message.rows)
        this.isWhole.value = !message.more
        break
      case 'delta':
        for (const row of message.upserts) this.#pending.set(row.uid, row)
        for (const uid of message.deletes) this.#pending.set(uid, undefined)
        this.#isWholeNext = !message.more
        this.#schedule()
        break
      case 'error':
        this.error.value = message.status
        this.state.value = 'error'
        break
    }
  }

  /** Hears every change until the returned function is called. */
  listen(listener: (change: ListChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Cell of a row by its column's name (`Ready`), undefined when the server has no such column. */
  cell(row: LiveRow, column: string): unknown {
    const index = this.#columnIndex.get(column)
    return index === undefined ? undefined : row.cells[index]
  }

  #reset(columns: LiveColumn[], rows: LiveRow[]): void {
    this.#pending.clear()
    this.#isWholeNext = false
    this.rows.clear()
    for (const row of rows) this.rows.set(row.uid, row)
    this.#columnIndex = new Map(columns.map((column, index) => [column.name, index]))
    this.columns.value = columns
    this.error.value = undefined
    this.state.value = 'ready'
    this.#publish({ reset: true })
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#nextFrame(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    this.isWhole.value ||= this.#isWholeNext
    if (this.#pending.size === 0) return
    const upserts: LiveRow[] = []
    const deletes: string[] = []
    for (const [uid, row] of this.#pending) {
      if (row) {
        this.rows.set(uid, row)
        upserts.push(row)
      } else if (this.rows.delete(uid)) deletes.push(uid)
    }
    this.#pending.clear()
    this.#publish({ reset: false, upserts, deletes })
  }

  #publish(change: ListChange): void {
    this.version.value++
    for (const listener of this.#listeners) listener(change)
  }
}
