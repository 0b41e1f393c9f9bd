import type { Journal, JournalRecord, RewritableJournal } from '../journal.ts'
import type { ValueCipher } from './value-cipher.ts'

const rewritePage = 500

/**
 * A journal that keeps values in the cipher's form. Loading first brings what is stored in another form (plain, older
 * key) into today's, current state and history alike, and leaves no trace of the old form in the file; that is done
 * once per configuration. Only what goes to or comes from the disk passes the cipher.
 */
export function encryptJournal(journal: RewritableJournal, cipher: ValueCipher): Journal {
  const opened = (record: JournalRecord): JournalRecord => {
    const value = cipher.open(record.key, record.value)
    return value === record.value ? record : { ...record, value }
  }
  const sealed = (record: JournalRecord): JournalRecord => {
    const value = cipher.seal(record.key, record.value)
    return value === record.value ? record : { ...record, value }
  }
  const resealed = (record: JournalRecord): JournalRecord => sealed(opened(record))

  async function rewrite(): Promise<void> {
    let after = 0
    let count = 0
    for (;;) {
      const page = await journal.versions(after, rewritePage)
      const stale = page.filter(({ key, value }) => cipher.isStale(key, value))
      if (stale.length > 0) await journal.replace(stale.map(resealed))
      count += stale.length
      if (page.length < rewritePage) break
      after = page.at(-1)!.revision
    }
    await journal.finishRewrite(cipher.fingerprint, count > 0)
  }

  return {
    async load() {
      const state = await journal.load()
      if (state.sealedAs === cipher.fingerprint) return { ...state, records: state.records.map(opened) }
      // Opened before anything is changed: a value that nobody can read must stay as it is.
      const records = state.records.map(opened)
      await rewrite()
      return { ...state, records }
    },
    append: (records) => journal.append(records.map(sealed)),
    async readAt(key, revision) {
      const record = await journal.readAt(key, revision)
      return record && opened(record)
    },
    async listAt(prefix, revision, page) {
      const { records, remaining } = await journal.listAt(prefix, revision, page)
      return { records: records.map(opened), remaining }
    },
    async changes(prefix, range) {
      const changes = await journal.changes(prefix, range)
      return changes.map(({ record, previous }) =>
        previous ? { record: opened(record), previous: opened(previous) } : { record: opened(record) },
      )
    },
    compact: (revision) => journal.compact(revision),
    compactionTarget: (window) => journal.compactionTarget(window),
    tidy: () => journal.tidy(),
    close: () => journal.close(),
  }
}
