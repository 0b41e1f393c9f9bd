import { existsSync } from 'node:fs'
import type { JournalRecord } from '../journal.ts'
import { JournalDatabase } from './journal-database.ts'

const batch = 1_000

/**
 * Writes a new store file that holds these versions, in revision order, and goes on from `revision`; all before it counts
 * as compacted.
 */
export function createSqliteStoreFile(
  file: string,
  content: { records: JournalRecord[]; revision: number },
): void {
  const database = new JournalDatabase({ file })
  try {
    for (let at = 0; at < content.records.length; at += batch) {
      database.append(content.records.slice(at, at + batch))
    }
    database.setCompacted(content.revision)
    database.checkpoint()
  } finally {
    database.close()
  }
}

/** The newest revision of a store file that nobody has open; 0 when there is none. Throws when it cannot be read. */
export function newestRevision(file: string): number {
  if (!existsSync(file)) return 0
  const database = new JournalDatabase({ file })
  try {
    return database.revision
  } finally {
    database.close()
  }
}
