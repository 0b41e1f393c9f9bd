import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { CompactionWindow, JournalChange, JournalRecord } from '../journal.ts'
import { prefixEnd } from '../key-index.ts'
import { CompactedError } from '../store.ts'
import { openDatabase, pragmaNumber } from './schema.ts'
import type { OpenDatabaseOptions } from './schema.ts'

/** How many superseding rows one step of a sweep looks at: short enough that writes hardly wait. */
const sweepStep = 200

const columns = (alias: string, as = ''): string =>
  ['key', 'revision', 'create_revision', 'deleted', 'time', 'value']
    .map((name) => `${alias}.${name} AS ${as}${name}`)
    .join(', ')

/** The newest version of every key of a range at a revision, deleted ones included. */
const newestAt = `SELECT key, max(revision) AS revision FROM history
  WHERE key >= :from AND key < :end AND key > :after AND revision <= :revision GROUP BY key`

type Row = Record<string, unknown>

/**
 * The journal's synchronous side, inside the worker: one table of versions with an index by key, from which current
 * state, history and changes are all read, so that a write costs one row. Methods throw what SQLite throws.
 */
export class JournalDatabase {
  #database: DatabaseSync
  #statements = new Map<string, StatementSync>()
  #durable: number
  #compacted: number

  constructor(options: OpenDatabaseOptions) {
    this.#database = openDatabase(options)
    this.#compacted = this.#meta('compacted')
    const newest = this.#prepare('SELECT max(revision) AS revision FROM history').get()?.revision
    this.#durable = Math.max(Number(newest ?? 0), this.#compacted)
  }

  get revision(): number {
    return this.#durable
  }

  get compactedRevision(): number {
    return this.#compacted
  }

  /** The mark of the newest `finishRewrite`, or 0. */
  get sealedAs(): number {
    return this.#meta('sealed')
  }

  current(): JournalRecord[] {
    const range = { from: '', end: '\uffff', after: '', revision: this.#durable }
    return this.#liveAt(range, -1)
  }

  /** One transaction, one sync. Throws and keeps nothing when any part of it fails. */
  append(records: JournalRecord[]): void {
    const first = records[0]
    if (!first) return
    const insert = this.#prepare('INSERT INTO history VALUES (?, ?, ?, ?, ?, ?)')
    this.#transaction(() => {
      // A gap means that a commit before was reported as failed. Should the disk have kept it all the same, undo it.
      if (first.revision > this.#durable + 1) {
        this.#prepare('DELETE FROM history WHERE revision > ? AND revision < ?').run(
          this.#durable,
          first.revision,
        )
      }
      for (const { key, revision, createRevision, deleted, time, value } of records) {
        insert.run(revision, key, createRevision, deleted ? 1 : 0, time, value)
      }
    })
    this.#durable = records.at(-1)!.revision
  }

  readAt(key: string, revision: number): JournalRecord | undefined {
    const row = this.#prepare(
      `SELECT ${columns('h')} FROM history h WHERE key = ? AND revision <= ? ORDER BY revision DESC LIMIT 1`,
    ).get(key, revision)
    return row && recordOf(row)
  }

  listAt(
    prefix: string,
    revision: number,
    page: { after: string | undefined; limit: number | undefined },
  ): { records: JournalRecord[]; remaining: number } {
    const range = { from: prefix, end: prefixEnd(prefix) ?? '\uffff', after: page.after ?? '', revision }
    const records = this.#liveAt(range, page.limit ?? -1)
    if (page.limit === undefined || records.length < page.limit) return { records, remaining: 0 }
    const count = this.#prepare(
      `SELECT count(*) AS count FROM (${newestAt}) n JOIN history h ON h.revision = n.revision WHERE h.deleted = 0`,
    ).get(range)
    return { records, remaining: Number(count?.count) - records.length }
  }

  changes(prefix: string, range: { after: number; through: number; limit: number }): JournalChange[] {
    if (range.after < this.#compacted) throw new CompactedError(this.#compacted)
    const rows = this.#prepare(
      `SELECT ${columns('h')}, ${columns('p', 'previous_')} FROM history h NOT INDEXED
       LEFT JOIN history p ON h.create_revision < h.revision AND p.revision =
         (SELECT max(revision) FROM history WHERE key = h.key AND revision < h.revision)
       WHERE h.revision > :after AND h.revision <= :through AND h.key >= :from AND h.key < :end
       ORDER BY h.revision LIMIT :limit`,
    ).all({ ...range, from: prefix, end: prefixEnd(prefix) ?? '\uffff' })
    return rows.map((row) => {
      const record = recordOf(row)
      return row.previous_key === null ? { record } : { record, previous: recordOf(row, 'previous_') }
    })
  }

  /** Refuses everything older from now on; `sweep` then removes it. */
  setCompacted(revision: number): void {
    this.#setMeta('compacted', revision)
    this.#compacted = revision
  }

  /**
   * Removes some of what the newest compaction lets go; false when all is gone. Oldest first, so that a deletion
   * never goes before the versions it deletes, and a stop at any point leaves a consistent history.
   */
  sweep(): boolean {
    const swept = this.#meta('swept')
    if (swept >= this.#compacted) return false
    const rows = this.#prepare(
      'SELECT revision, key, deleted FROM history WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ?',
    ).all(swept, this.#compacted, sweepStep)
    const done = rows.length < sweepStep ? this.#compacted : Number(rows.at(-1)!.revision)
    const before = this.#prepare('DELETE FROM history WHERE key = ? AND revision < ?')
    const itself = this.#prepare('DELETE FROM history WHERE revision = ?')
    this.#transaction(() => {
      for (const { key, revision, deleted } of rows) {
        before.run(String(key), Number(revision))
        if (deleted === 1) itself.run(Number(revision))
      }
      this.#setMeta('swept', done)
    })
    return done < this.#compacted
  }

  compactionTarget(window: CompactionWindow): number {
    return Math.max(this.#newestBefore(window.olderThan), this.#targetBySize(window))
  }

  versions(after: number, limit: number): JournalRecord[] {
    return this.#prepare(`SELECT ${columns('h')} FROM history h WHERE revision > ? ORDER BY revision LIMIT ?`)
      .all(after, limit)
      .map((row) => recordOf(row))
  }

  replace(records: JournalRecord[]): void {
    const update = this.#prepare('UPDATE history SET value = ? WHERE revision = ? AND key = ?')
    this.#transaction(() => {
      for (const { key, revision, value } of records) update.run(value, revision, key)
    })
  }

  /** Free pages and the WAL still hold what was replaced and deleted: building the file anew leaves it behind. */
  finishRewrite(mark: number, scrub: boolean): void {
    if (scrub) this.#database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
    this.#setMeta('sealed', mark)
  }

  checkpoint(): void {
    this.#prepare('PRAGMA wal_checkpoint(PASSIVE)').get()
  }

  close(): void {
    try {
      this.#setMeta('clean', 1)
    } finally {
      this.#statements.clear()
      this.#database.close()
    }
  }

  /** Times grow with revisions, so that the newest revision before a time is found by halving. */
  #newestBefore(time: number): number {
    const at = this.#prepare(
      'SELECT revision, time FROM history WHERE revision >= ? ORDER BY revision LIMIT 1',
    )
    let low = this.#compacted
    let high = this.#durable
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const row = at.get(middle)
      if (row && Number(row.time) < time) low = Math.max(middle, Number(row.revision))
      else high = middle - 1
    }
    return low
  }

  /** The oldest share of the kept revisions that holds about as much as is too much. */
  #targetBySize(window: CompactionWindow): number {
    const pages = pragmaNumber(this.#database, 'page_count') - pragmaNumber(this.#database, 'freelist_count')
    const history = pages * pragmaNumber(this.#database, 'page_size') - window.liveBytes
    if (history <= window.maxBytes) return 0
    const share = (history - window.maxBytes) / history
    return this.#compacted + Math.ceil((this.#durable - this.#compacted) * share)
  }

  #liveAt(
    range: { from: string; end: string; after: string; revision: number },
    limit: number,
  ): JournalRecord[] {
    return this.#prepare(
      `SELECT ${columns('h')} FROM (${newestAt}) n JOIN history h ON h.revision = n.revision
       WHERE h.deleted = 0 ORDER BY n.key LIMIT :limit`,
    )
      .all({ ...range, limit })
      .map((row) => recordOf(row))
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      // SQLite has rolled back by itself after some errors, such as a full disk.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #meta(name: string): number {
    return Number(this.#prepare('SELECT value FROM meta WHERE name = ?').get(name)?.value ?? 0)
  }

  #setMeta(name: string, value: number): void {
    this.#prepare(
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ).run(name, value)
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)))
    return statement
  }
}

function recordOf(row: Row, as = ''): JournalRecord {
  return {
    key: String(row[`${as}key`]),
    revision: Number(row[`${as}revision`]),
    createRevision: Number(row[`${as}create_revision`]),
    deleted: row[`${as}deleted`] === 1,
    time: Number(row[`${as}time`]),
    value: row[`${as}value`] as Uint8Array,
  }
}
