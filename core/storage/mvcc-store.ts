import type { KubeObject } from '../api/meta.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { defaultHistoryWindow, startCompactor } from './compactor.ts'
import type { HistoryWindow } from './compactor.ts'
import { EventRing } from './event-ring.ts'
import type { RingLimits } from './event-ring.ts'
import type { Journal, JournalChange, JournalState } from './journal.ts'
import { KeyIndex } from './key-index.ts'
import { CompactedError, FutureRevisionError, RevisionMismatchError, StorageFailureError } from './store.ts'
import type { Entry, ListOptions, ListResult, Store, StoreEvent, StoreWatch, WatchListener } from './store.ts'
import { entryOfRecord, retireEntry } from './stored-entry.ts'
import { WatchHub } from './watch-hub.ts'
import type { PendingWatch } from './watch-hub.ts'
import { WritePipeline } from './write-pipeline.ts'
import type { AcceptedWrite } from './write-pipeline.ts'

const replayPage = 500
/** Enough for watches that reconnect; what is older comes from the journal. */
const defaultRecent: RingLimits = { events: 5_000, bytes: 16 * 1024 * 1024 }

export interface MvccStoreOptions {
  journal: Journal
  clock: Clock
  log: Logger
  /** The recent past kept in memory for watches and exact reads. Default: 5,000 events, 16 MiB. */
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
  #journal: Journal
  #index = new KeyIndex()
  #ring: EventRing
  #hub: WatchHub
  #writes: WritePipeline
  #compactor: Disposable
  #revision: number
  #compacted: number
  /** What the newest commit made history; its writers and watchers may still be looking at it. */
  #superseded: Entry[] = []
  #closed = false

  constructor(options: MvccStoreOptions, state: JournalState) {
    this.#journal = options.journal
    this.#revision = state.revision
    this.#compacted = state.compactedRevision
    this.#ring = new EventRing(state.revision, options.recent ?? defaultRecent)
    this.#hub = new WatchHub(options.log)
    for (const record of state.records) this.#index.set(entryOfRecord(record))
    this.#writes = new WritePipeline({
      journal: options.journal,
      clock: options.clock,
      revision: state.revision,
      committed: (key) => this.#index.get(key),
      onCommit: (batch) => this.#publish(batch),
    })
    const { journal, clock, log, history = defaultHistoryWindow } = options
    this.#compactor = startCompactor({ store: this, journal, clock, log, window: history })
  }

  get revision(): number {
    return this.#revision
  }

  get compactedRevision(): number {
    return this.#compacted
  }

  /** Number and bytes of the live objects. */
  get size(): { objects: number; bytes: number } {
    return { objects: this.#index.size, bytes: this.#index.bytes }
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#assertOpen()
    return this.#index.get(key)
  }

  async getAt(key: string, revision: number): Promise<Entry | undefined> {
    this.#assertReadable(revision)
    const current = this.#index.get(key)
    if (current && current.revision <= revision) return current
    if (revision >= this.#ring.floor) {
      const next = this.#ring.after(revision, key).find((event) => event.entry.key === key)
      return next ? next.previous : current
    }
    const record = await this.#read(() => this.#journal.readAt(key, revision))
    return record && !record.deleted ? entryOfRecord(record) : undefined
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    const revision = options.revision ?? this.#revision
    this.#assertReadable(revision)
    const { after, limit } = options
    if (revision < this.#ring.floor) {
      const page = await this.#read(() => this.#journal.listAt(prefix, revision, { after, limit }))
      return resultOf(page.records.map(entryOfRecord), revision, page.remaining)
    }
    const all = this.#rangeAt(prefix, revision, after)
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
    const through = this.#revision
    const watch = this.#hub.add(prefix, listener)
    const recent = fromRevision >= this.#ring.floor ? this.#ring.after(fromRevision, prefix) : undefined
    // Delivery begins in a later turn, so that the caller holds the watch before its first event.
    setImmediate(() => {
      if (recent) {
        watch.deliver(recent)
        watch.start()
      } else {
        void this.#replay(watch, prefix, { after: fromRevision, through })
      }
    })
    return watch
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen()
    if (revision > this.#revision) throw new FutureRevisionError(`revision ${revision} does not exist yet`)
    if (revision <= this.#compacted) return
    this.#compacted = revision
    await this.#read(() => this.#journal.compact(revision))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#compactor[Symbol.dispose]()
    await this.#writes.drained()
    this.#hub.endAll(new StorageFailureError('the store is closed'))
    await this.#journal.close()
  }

  #publish(batch: readonly AcceptedWrite[]): void {
    const events = batch.map(eventOf)
    for (const entry of this.#superseded) retireEntry(entry)
    this.#superseded = []
    for (const event of events) {
      if (event.previous) this.#superseded.push(event.previous)
      if (event.type === 'deleted') {
        this.#index.delete(event.entry.key)
        this.#superseded.push(event.entry)
      } else this.#index.set(event.entry)
      this.#ring.push(event)
    }
    this.#revision = events.at(-1)!.entry.revision
    this.#hub.publish(events)
  }

  /** The newest state with everything after `revision` undone. */
  #rangeAt(prefix: string, revision: number, after: string | undefined): Entry[] {
    const current = this.#index.range(prefix, after)
    if (revision === this.#revision) return current
    const before = new Map<string, Entry | undefined>()
    for (const event of this.#ring.after(revision, prefix)) {
      const { key } = event.entry
      if ((after === undefined || key > after) && !before.has(key)) before.set(key, event.previous)
    }
    if (before.size === 0) return current
    const unchanged = current.filter((entry) => !before.has(entry.key))
    const restored = [...before.values()].filter((entry) => entry !== undefined)
    return [...unchanged, ...restored].sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  async #replay(
    watch: PendingWatch,
    prefix: string,
    span: { after: number; through: number },
  ): Promise<void> {
    let { after } = span
    try {
      while (!watch.closed && !this.#closed) {
        if (after < this.#compacted) throw new CompactedError(this.#compacted)
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
    if (revision > this.#revision) throw new FutureRevisionError(`revision ${revision} does not exist yet`)
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
