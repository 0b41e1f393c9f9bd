import type { Logger } from '../util/logger.ts'
import { EventRing, type RingLimits } from './event-ring.ts'
import { KeyIndex } from './key-index.ts'
import type { Entry, StoreEvent, WatchListener } from './store.ts'
import { retireEntry } from './stored-entry.ts'
import { WatchHub, type PendingWatch } from './watch-hub.ts'

/** Enough for watches that reconnect; what is older comes from where the history is kept. */
const defaultRecent: RingLimits = { events: 5_000, bytes: 8 * 1024 * 1024 }

export interface CommittedStateOptions {
  revision: number
  entries: Iterable<Entry>
  /** The recent past kept in memory for watches and exact reads. Default: 5,000 events, 8 MiB. */
  recent?: RingLimits | undefined
  log: Logger
}

/** The durable state in memory: what is current, the recent past, and the watches that follow it. */
export class CommittedState {
  #index = new KeyIndex()
  #ring: EventRing
  #hub: WatchHub
  #revision: number
  /** What the newest commit made history; its writers and watchers may still be looking at it. */
  #superseded: Entry[] = []

  constructor(options: CommittedStateOptions) {
    this.#revision = options.revision
    this.#ring = new EventRing(options.revision, options.recent ?? defaultRecent)
    this.#hub = new WatchHub(options.log)
    for (const entry of options.entries) this.#index.set(entry)
  }

  /** The revision of the newest commit that is in here. */
  get revision(): number {
    return this.#revision
  }

  /** Oldest revision that `versionAt` and `rangeAt` can answer for. */
  get floor(): number {
    return this.#ring.floor
  }

  /** Number and bytes of the live objects. */
  get size(): { objects: number; bytes: number } {
    return { objects: this.#index.size, bytes: this.#index.bytes }
  }

  get(key: string): Entry | undefined {
    return this.#index.get(key)
  }

  /** A key at a revision that is not below `floor`. */
  versionAt(key: string, revision: number): Entry | undefined {
    const current = this.#index.get(key)
    if (current && current.revision <= revision) return current
    const next = this.#ring.after(revision, key).find((event) => event.entry.key === key)
    return next ? next.previous : current
  }

  /** A prefix after a key, at a revision that is not below `floor`: the newest state with everything later undone. */
  rangeAt(prefix: string, revision: number, after: string | undefined): Entry[] {
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

  /** Takes in committed changes, in revision order, and tells the watches. */
  publish(events: StoreEvent[]): void {
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

  /** Moves on to a revision that changed nothing in here. */
  advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision)
  }

  /**
   * Watches a prefix. What the ring does not reach back to comes from `replay`, which delivers everything after
   * `fromRevision` and up to `through` and then starts the watch. Delivery begins in a later turn, so that the caller
   * holds the watch before its first event.
   */
  watch(
    { prefix, fromRevision }: { prefix: string; fromRevision: number },
    listener: WatchListener,
    replay: (watch: PendingWatch, span: { after: number; through: number }) => Promise<void>,
  ): PendingWatch {
    const through = this.#revision
    const watch = this.#hub.add(prefix, listener)
    const recent = fromRevision >= this.#ring.floor ? this.#ring.after(fromRevision, prefix) : undefined
    setImmediate(() => {
      if (recent) {
        watch.deliver(recent)
        watch.start()
      } else void replay(watch, { after: fromRevision, through })
    })
    return watch
  }

  /** Ends every watch. */
  endWatches(error: Error): void {
    this.#hub.endAll(error)
  }
}
