import type { KubeObject } from '../api/meta.ts'

/**
 * One stored revision of one object. `object` is shared and must never be mutated; `bytes` is its JSON, serialised
 * once, with `metadata.resourceVersion` already in it: lists and watch events reuse both.
 */
export interface Entry {
  readonly key: string
  /** Global revision of this version; equals `Number(object.metadata.resourceVersion)`. */
  readonly revision: number
  readonly createRevision: number
  readonly object: KubeObject
  readonly bytes: Uint8Array
}

/** A committed change. `deleted` carries the last state with the revision of the deletion as its resourceVersion. */
export interface StoreEvent {
  readonly type: 'created' | 'updated' | 'deleted'
  readonly entry: Entry
  /** The version before, for `updated` and `deleted`. */
  readonly previous?: Entry
}

export interface ListResult {
  entries: Entry[]
  /** The revision this list is a picture of. */
  revision: number
  /** Key to continue after, when `limit` cut the list. */
  next?: string
  /** How many keys follow `next`. */
  remaining: number
}

export interface ListOptions {
  /** Exact revision to read at. Absent: the newest committed. Throws CompactedError when it is compacted away. */
  revision?: number
  /** Only keys after this one (exclusive). */
  after?: string
  limit?: number
}

/** The expected revision does not match; `current` is what is there now (undefined: nothing). */
export class RevisionMismatchError extends Error {
  readonly current: Entry | undefined
  constructor(current: Entry | undefined) {
    super('revision mismatch')
    this.current = current
  }
}
/** The revision asked for is older than `compactedRevision`. */
export class CompactedError extends Error {
  readonly compactedRevision: number
  constructor(compactedRevision: number) {
    super(`revision has been compacted (oldest kept: ${compactedRevision})`)
    this.compactedRevision = compactedRevision
  }
}
/** The revision asked for does not exist yet. */
export class FutureRevisionError extends Error {}
/** The disk refused (full, read-only, corrupt): nothing of the write is kept. */
export class StorageFailureError extends Error {}

export interface StoreWatch {
  /** Stops the watch; no listener call happens after it returns. */
  close(): void
}

export interface WatchListener {
  /** Events in revision order, each exactly once, without a gap. Called with at least one event. */
  onEvents(events: StoreEvent[]): void
  /** The watch ended from the store's side (compacted, closed, listener too slow). */
  onEnd(error: Error): void
}

/**
 * MVCC key-value store of Kubernetes objects with one global revision (shape: etcd v3; durable by group commit).
 * Keys are `/<group or 'core'>/<resource>/[<namespace>/]<name>`, see `storageKey`. A write resolves only once it is
 * durable; reads and watches see only durable state; revisions grow by one per write and never go back, across
 * restarts too. Every revision is kept in the history until compaction.
 */
export interface Store {
  /** Newest committed revision. */
  readonly revision: number
  /** Oldest revision that exact reads and watches can still start from. */
  readonly compactedRevision: number
  /**
   * Whether `change` and `check` are run once only, on the newest accepted version. Where other processes write to the
   * same state it may have to be another one, which is known only when the write resolves: they are then run again, and
   * may throw.
   */
  readonly acceptsAhead: boolean
  /** Waits a moment for a revision that another process sharing the state may have reached first. */
  reach(revision: number): Promise<void>
  get(key: string): Promise<Entry | undefined>
  /** The object as it was at an exact revision. */
  getAt(key: string, revision: number): Promise<Entry | undefined>
  /** Entries under a prefix in key order. */
  list(prefix: string, options?: ListOptions): Promise<ListResult>
  /** Writes a new key. Throws RevisionMismatchError when it exists. */
  create(key: string, object: KubeObject): Promise<Entry>
  /**
   * Replaces the object: `change` gets the newest accepted version (which may still be in flight) and returns the next
   * one, or the same reference for no write at all. It runs before `update` returns and atomically, so that there is no
   * retry loop.
   * `change` may throw; that rejects and writes nothing. Throws RevisionMismatchError with `current` undefined when
   * the key is absent.
   */
  update(key: string, change: (current: Entry) => KubeObject): Promise<Entry>
  /** Removes the key and returns its last state, with the deletion's revision. `check` runs before it returns, and may throw. */
  delete(key: string, check?: (current: Entry) => void): Promise<Entry>
  /** Watches a prefix for everything after `fromRevision`. Throws CompactedError or FutureRevisionError. */
  watch(prefix: string, fromRevision: number, listener: WatchListener): Promise<StoreWatch>
  /** Forgets history at and before this revision (the current state stays). */
  compact(revision: number): Promise<void>
  /** Flushes and closes; later calls reject. */
  close(): Promise<void>
}

/** The key of an object, or of a whole resource or namespace as a prefix when `namespace`/`name` are left out. */
export function storageKey(
  resource: { group: string; resource: string; namespaced: boolean },
  namespace?: string,
  name?: string,
): string {
  const base = `/${resource.group || 'core'}/${resource.resource}/`
  if (!resource.namespaced) return name === undefined ? base : base + name
  if (namespace === undefined) return base
  return name === undefined ? `${base}${namespace}/` : `${base}${namespace}/${name}`
}
