import type {
  CompactionWindow,
  Journal,
  JournalChange,
  JournalPage,
  JournalRecord,
  JournalState,
} from './journal.ts'
import { CompactedError } from './store.ts'

/** A journal that lives and dies with the process: full history semantics, nothing on disk. */
export class MemoryJournal implements Journal {
  /** Every kept version in revision order. */
  #log: JournalRecord[] = []
  #versions = new Map<string, JournalRecord[]>()
  #compacted = 0
  #bytes = 0

  async load(): Promise<JournalState> {
    return { records: [], revision: 0, compactedRevision: 0 }
  }

  async append(records: JournalRecord[]): Promise<void> {
    for (const record of records) {
      this.#log.push(record)
      this.#bytes += record.value.length
      const versions = this.#versions.get(record.key)
      if (versions) versions.push(record)
      else this.#versions.set(record.key, [record])
    }
  }

  async readAt(key: string, revision: number): Promise<JournalRecord | undefined> {
    return this.#versions.get(key)?.findLast((record) => record.revision <= revision)
  }

  async listAt(
    prefix: string,
    revision: number,
    page: { after: string | undefined; limit: number | undefined },
  ): Promise<JournalPage> {
    const live: JournalRecord[] = []
    for (const [key, versions] of this.#versions) {
      if (!key.startsWith(prefix) || (page.after !== undefined && key <= page.after)) continue
      const record = versions.findLast((version) => version.revision <= revision)
      if (record && !record.deleted) live.push(record)
    }
    live.sort((a, b) => (a.key < b.key ? -1 : 1))
    const records = live.slice(0, page.limit)
    return { records, remaining: live.length - records.length }
  }

  async changes(
    prefix: string,
    { after, through, limit }: { after: number; through: number; limit: number },
  ): Promise<JournalChange[]> {
    if (after < this.#compacted) throw new CompactedError(this.#compacted)
    const found: JournalChange[] = []
    for (const record of this.#log) {
      if (record.revision <= after || !record.key.startsWith(prefix)) continue
      if (record.revision > through || found.length >= limit) break
      const versions = this.#versions.get(record.key) ?? []
      const previous = versions[versions.indexOf(record) - 1]
      const created = record.createRevision === record.revision
      found.push(created || !previous ? { record } : { record, previous })
    }
    return found
  }

  async compact(revision: number): Promise<void> {
    this.#compacted = revision
    for (const [key, versions] of this.#versions) {
      const at = versions.findLastIndex((version) => version.revision <= revision)
      const kept = versions.slice(versions[at]?.deleted ? at + 1 : Math.max(at, 0))
      if (kept.length === 0) this.#versions.delete(key)
      else this.#versions.set(key, kept)
    }
    this.#log = [...this.#versions.values()].flat().sort((a, b) => a.revision - b.revision)
    this.#bytes = this.#log.reduce((sum, record) => sum + record.value.length, 0)
  }

  async compactionTarget(window: CompactionWindow): Promise<number> {
    let excess = this.#bytes - window.liveBytes - window.maxBytes
    let target = 0
    for (const record of this.#log) {
      if (record.time >= window.olderThan && excess <= 0) break
      target = record.revision
      if (this.#versions.get(record.key)?.at(-1) !== record) excess -= record.value.length
    }
    return target
  }

  async tidy(): Promise<void> {
    // Nothing rests anywhere else.
  }

  async close(): Promise<void> {
    this.#log = []
    this.#versions.clear()
  }
}
