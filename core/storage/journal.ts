/** One durable version of one key: a row of the history. `deleted` rows carry the last state. */
export interface JournalRecord {
  key: string
  revision: number
  createRevision: number
  deleted: boolean
  /** Milliseconds since the epoch at which the write was accepted. */
  time: number
  /** The object's JSON, UTF-8. */
  value: Uint8Array
}

/** A change as the history holds it; `previous` is the version before, absent for a creation. */
export interface JournalChange {
  record: JournalRecord
  previous?: JournalRecord
}

/** What a journal holds when it is opened. */
export interface JournalState {
  /** The newest version of every live key, in key order. */
  records: JournalRecord[]
  /** The newest revision ever made durable. */
  revision: number
  compactedRevision: number
  /** The mark of the newest `finishRewrite`; absent when there was none. */
  sealedAs?: number
}

/** A page of keys at one revision. */
export interface JournalPage {
  records: JournalRecord[]
  /** How many live keys follow the page. */
  remaining: number
}

export interface CompactionWindow {
  /** Milliseconds since the epoch. */
  olderThan: number
  maxBytes: number
  liveBytes: number
}

/**
 * Where the store keeps its versions: everything durable, nothing about who may read it when. The store calls `append`
 * one at a time; the reading calls may overlap with it and see a batch wholly or not at all. Reads below the compacted
 * revision are the store's to refuse, except that `changes` rejects with CompactedError when compaction overtook it.
 */
export interface Journal {
  load(): Promise<JournalState>
  /** Writes all records in one transaction; resolves once they are durable. Rejects when none of them is kept. */
  append(records: JournalRecord[]): Promise<void>
  /** The version of `key` that was current at `revision`, deleted or not. */
  readAt(key: string, revision: number): Promise<JournalRecord | undefined>
  /** Live keys under `prefix` at `revision`, in key order, after `after`. */
  listAt(
    prefix: string,
    revision: number,
    page: { after: string | undefined; limit: number | undefined },
  ): Promise<JournalPage>
  /** Up to `limit` changes under `prefix` with `after` < revision <= `through`, in revision order. */
  changes(prefix: string, range: { after: number; through: number; limit: number }): Promise<JournalChange[]>
  /** Forgets superseded versions at and before `revision`. */
  compact(revision: number): Promise<void>
  /**
   * Up to where to compact so that history keeps to the window: everything before `olderThan`, and enough that what
   * is kept beyond the `liveBytes` of current objects comes down to about `maxBytes`. 0: nothing to do.
   */
  compactionTarget(window: CompactionWindow): Promise<number>
  /** Moves finished work to its resting place (a checkpoint); called when idle. */
  tidy(): Promise<void>
  close(): Promise<void>
}

/** A journal whose stored values can be brought into another form, before it is served. */
export interface RewritableJournal extends Journal {
  /** Every kept version after a revision, deleted ones included, in revision order. */
  versions(after: number, limit: number): Promise<JournalRecord[]>
  /** Replaces the values of versions that are there. */
  replace(records: JournalRecord[]): Promise<void>
  /** Notes the form everything has now; `scrub` also removes all traces of replaced and deleted values from the disk. */
  finishRewrite(mark: number, scrub: boolean): Promise<void>
}
