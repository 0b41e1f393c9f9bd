import type { KubeObject } from '../api/meta.ts'
import type { Clock } from '../util/clock.ts'
import type { Journal, JournalRecord } from './journal.ts'
import { entryOfObject } from './stored-entry.ts'
import { StorageFailureError } from './store.ts'
import type { Entry } from './store.ts'

/** Largest batch of one commit: keeps the wait of a single write short under a flood. */
const maxBatchWrites = 2_000
const maxBatchBytes = 16 * 1024 * 1024

/** An accepted write: checked and numbered, durable once `settled` resolves. */
export interface AcceptedWrite {
  readonly entry: Entry
  readonly deleted: boolean
  /** The version it replaces, itself perhaps still in flight. */
  readonly previous: Entry | undefined
  readonly time: number
  readonly settled: Promise<Entry>
}

/** What a key holds once every accepted write is through. */
export interface Head {
  entry: Entry | undefined
  /** Set while that state is not durable yet; rejects when it never will be. */
  settled: Promise<Entry> | undefined
}

export interface NewVersion {
  key: string
  object: KubeObject
  /** The head's entry, for an update or a deletion. */
  previous: Entry | undefined
  deleted: boolean
}

interface QueuedWrite extends AcceptedWrite {
  resolve(entry: Entry): void
  reject(error: Error): void
}

export interface WritePipelineOptions {
  journal: Journal
  clock: Clock
  /** The newest durable revision. */
  revision: number
  /** The durable state of a key. */
  committed(key: string): Entry | undefined
  /** Makes a durable batch visible; called in revision order, before the writers are answered. */
  onCommit(batch: readonly AcceptedWrite[]): void
}

/**
 * Numbers writes and brings them to the journal by group commit: what is accepted while one commit runs goes into the
 * next. When a commit fails, it and everything accepted on top of it rejects with StorageFailureError, the heads fall
 * back to the durable state, and the numbers they had are never given out again.
 */
export class WritePipeline {
  #options: WritePipelineOptions
  #last: number
  #heads = new Map<string, QueuedWrite>()
  #queue: QueuedWrite[] = []
  #running: Promise<void> | undefined

  constructor(options: WritePipelineOptions) {
    this.#options = options
    this.#last = options.revision
  }

  /** The newest accepted state of a key. */
  head(key: string): Head {
    const write = this.#heads.get(key)
    if (!write) return { entry: this.#options.committed(key), settled: undefined }
    return { entry: write.deleted ? undefined : write.entry, settled: write.settled }
  }

  /** Accepts a write against the head that the caller has checked in this same turn; resolves once it is durable. */
  accept(next: NewVersion): Promise<Entry> {
    const revision = this.#last + 1
    const createRevision = next.previous?.createRevision ?? revision
    const entry = entryOfObject({ key: next.key, revision, createRevision }, next.object)
    this.#last = revision
    const { promise, resolve, reject } = Promise.withResolvers<Entry>()
    const { deleted, previous } = next
    const time = this.#options.clock.now()
    const write: QueuedWrite = { entry, deleted, previous, time, settled: promise, resolve, reject }
    this.#heads.set(next.key, write)
    this.#queue.push(write)
    this.#running ??= this.#run()
    return promise
  }

  /** Resolves when nothing is in flight. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      // Everyone who is about to write in this turn, such as the writers just answered, joins this batch.
      await new Promise((resolve) => setImmediate(resolve))
      const batch = this.#nextBatch()
      try {
        await this.#options.journal.append(batch.map(recordOf))
      } catch (error) {
        this.#fail(batch, error)
        continue
      }
      this.#commit(batch)
    }
    this.#running = undefined
  }

  #nextBatch(): QueuedWrite[] {
    let bytes = 0
    let count = 0
    for (const write of this.#queue) {
      bytes += write.entry.bytes.length
      if (count > 0 && (count >= maxBatchWrites || bytes > maxBatchBytes)) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  #commit(batch: QueuedWrite[]): void {
    for (const write of batch) {
      if (this.#heads.get(write.entry.key) === write) this.#heads.delete(write.entry.key)
    }
    this.#options.onCommit(batch)
    for (const write of batch) write.resolve(write.entry)
  }

  #fail(batch: QueuedWrite[], cause: unknown): void {
    const lost = [...batch, ...this.#queue]
    this.#queue = []
    this.#heads.clear()
    const why = cause instanceof Error ? cause.message : String(cause)
    for (const write of lost)
      write.reject(new StorageFailureError(`the write was not stored: ${why}`, { cause }))
  }
}

function recordOf(write: QueuedWrite): JournalRecord {
  const { key, revision, createRevision, bytes } = write.entry
  return { key, revision, createRevision, deleted: write.deleted, time: write.time, value: bytes }
}
