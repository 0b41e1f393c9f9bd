import type { KubeObject } from '../api/meta.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { defaultHistoryWindow, startCompactor } from './compactor.ts'
import type { HistoryWindow } from './compactor.ts'
import { CommittedState } from './committed-state.ts'
import type { RingLimits } from './event-ring.ts'
import type { Journal, JournalChange, JournalState } from './journal.ts'
import { CompactedError, FutureRevisionError, RevisionMismatchError, StorageFailureError } from './store.ts'
import type { Entry, ListOptions, ListResult, Store, StoreEvent, StoreWatch, WatchListener } from './store.ts'
import { entryOfRecord } from './stored-entry.ts'
import type { PendingWatch } from './watch-hub.ts'
import { WritePipeline } from './write-pipeline.ts'
import type { AcceptedWrite } from './write-pipeline.ts'

const replayPage = 500

export interface MvccStoreOptions {
  journal: Journal
  clock: Clock
  log: Logger
  /** The recent past kept in memory for watches and exact reads. Default: 5,000 events, 8 MiB. */
  recent?: RingLimits
  /** How much history is kept. Default: a day, 256 MiB. */
  history?: HistoryWindow
}

/** Loads the journal and serves it; the store owns the journal from here on. */
export async function openMvccStore(options: MvccStoreOptions): Promise<MvccStore> {
  const state = await options.journal.load()
  return new MvccStore(options, state)
}

/**
 * The Store over any Journal: committed state in memory, writes checked in one synchronous step against what is
 * accepted, visible and announced once durable. See Store for the guarantees.
 */
export class MvccStore implements Store {
  readonly acceptsAhead = true
  #journal: Journal
  #state: CommittedState
  #writes: WritePipeline
  #compactor: Disposable
  #compacted: number
  #closed = false

  constructor(options: MvccStoreOptions, state: JournalState) {
    this.#journal = options.journal
    this.#compacted = state.compactedRevision
    const entries = state.records.map(entryOfRecord)
    const { recent, log: stateLog } = options
    this.#state = new CommittedState({ revision: state.revision, entries, recent, log: stateLog })
    this.#writes = new WritePipeline({
      journal: options.journal,
      clock: options.clock,
      revision: state.revision,
      committed: (key) => this.#state.get(key),
      onCommit: (batch) => this.#state.publish(batch.map(eventOf)),
    })
    const { journal, clock, log, history = defaultHistoryWindow } = options
    this.#compactor = startCompactor({ store: this, journal, clock, log, window: history })
  }

  get revision(): number {
    return this.#state.revision
  }

  get compactedRevision(): number {
    return this.#compacted
  }

  /** Number and bytes of the live objects. */
  get size(): { objects: number; bytes: number } {
    return this.#state.size
  }

  async reach(): Promise<void> {
    // Nobody else writes: what is not here does not exist.
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#assertOpen()
    return this.#state.get(key)
  }

  async getAt(key: string, revision: number): Promise<Entry | undefined> {
    this.#assertReadable(revision)
    const current = this.#state.get(key)
    if (current && current.revision <= revision) return current
    if (revision >= this.#state.floor) return this.#state.versionAt(key, revision)
    const record = await this.#read(() => this.#journal.readAt(key, revision))
    return record && !record.deleted ? entryOfRecord(record) : undefined
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    const revision = options.revision ?? this.revision
    this.#assertReadable(revision)
    const { after, limit } = options
    if (revision < this.#state.floor) {
      const page = await this.#read(() => this.#journal.listAt(prefix, revision, { after, limit }))
      return resultOf(page.records.map(entryOfRecord), revision, page.remaining)
    }
    const all = this.#state.rangeAt(prefix, revision, after)
    if (limit === undefined || all.length <= limit) return resultOf(all, revision, 0)
    return resultOf(all.slice(0, limit), revision, all.length - limit)
  }

  async create(key: string, object: KubeObject): Promise<Entry> {
    this.#assertOpen()
    const { entry, settled } = this.#writes.head(key)
    if (entry) {
      await settled
      throw new RevisionMismatchError(entry)
    }
    return this.#writes.accept({ key, object, previous: undefined, deleted: false })
  }

  async update(key: string, change: (current: Entry) => KubeObject): Promise<Entry> {
    this.#assertOpen()
    // Nothing may be awaited between looking at the head and accepting the write on top of it.
    const { entry, settled } = this.#writes.head(key)
    if (!entry) return absent(settled)
    let object: KubeObject
    try {
      object = change(entry)
    } catch (error) {
      // The refusal rests on a state that may still fail to become durable: do not answer before it is.
      await settled
      throw error
    }
    if (object === entry.object) return (await settled) ?? entry
    return this.#writes.accept({ key, object, previous: entry, deleted: false })
  }

  async delete(key: string, check?: (current: Entry) => void): Promise<Entry> {
    this.#assertOpen()
    const { entry, settled } = this.#writes.head(key)
    if (!entry) return absent(settled)
    try {
      check?.(entry)
    } catch (error) {
      await settled
      throw error
    }
    return this.#writes.accept({ key, object: entry.object, previous: entry, deleted: true })
  }

  async watch(prefix: string, fromRevision: number, listener: WatchListener): Promise<StoreWatch> {
    this.#assertReadable(fromRevision)
    return this.#state.watch({ prefix, fromRevision }, listener, (watch, span) =>
      this.#replay(watch, prefix, span),
    )
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen()
    if (revision > this.revision) throw new FutureRevisionError(`revision ${revision} does not exist yet`)
    if (revision <= this.#compacted) return
    this.#compacted = revision
    await this.#read(() => this.#journal.compact(revision))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#compactor[Symbol.dispose]()
    await this.#writes.drained()
    this.#state.endWatches(new StorageFailureError('the store is closed'))
    await this.#journal.close()
  }

  async #replay(
    watch: PendingWatch,
    prefix: string,
    span: { after: number; through: number },
  ): Promise<void> {
    let { after } = span
    try {
      while (!watch.closed && !this.#closed) {
        // Rejects with CompactedError where a compaction was faster.
        const changes = await this.#journal.changes(prefix, { ...span, after, limit: replayPage })
        watch.deliver(changes.map(eventOfChange))
        if (changes.length < replayPage) return watch.start()
        after = changes.at(-1)!.record.revision
      }
    } catch (error) {
      watch.fail(asFailure(error))
    }
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw asFailure(error)
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new StorageFailureError('the store is closed')
  }

  #assertReadable(revision: number): void {
    this.#assertOpen()
    if (revision > this.revision) throw new FutureRevisionError(`revision ${revision} does not exist yet`)
    if (revision < this.#compacted) throw new CompactedError(this.#compacted)
  }
}

async function absent(settled: Promise<Entry> | undefined): Promise<never> {
  await settled
  throw new RevisionMismatchError(undefined)
}

function asFailure(error: unknown): Error {
  if (error instanceof CompactedError || error instanceof StorageFailureError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new StorageFailureError(message, { cause: error })
}

function resultOf(entries: Entry[], revision: number, remaining: number): ListResult {
  const result: ListResult = { entries, revision, remaining }
  if (remaining > 0) result.next = entries.at(-1)?.key
  return result
}

function eventOf(write: AcceptedWrite): StoreEvent {
  const { entry, previous } = write
  if (!previous) return { type: 'created', entry }
  return { type: write.deleted ? 'deleted' : 'updated', entry, previous }
}

function eventOfChange(change: JournalChange): StoreEvent {
  const entry = entryOfRecord(change.record)
  if (!change.previous) return { type: 'created', entry }
  const previous = entryOfRecord(change.previous)
  return { type: change.record.deleted ? 'deleted' : 'updated', entry, previous }
}
