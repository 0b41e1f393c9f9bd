import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { encryptJournal } from '../encryption/encrypted-journal.ts'
import type { ValueCipher } from '../encryption/value-cipher.ts'
import type { HistoryWindow } from '../compactor.ts'
import type { RingLimits } from '../event-ring.ts'
import { openMvccStore } from '../mvcc-store.ts'
import type { Store } from '../store.ts'
import { WorkerJournal } from './worker-journal.ts'

export interface SqliteStoreOptions {
  /** The database file; created when absent, in a folder that exists. SQLite keeps a `-wal` file beside it. */
  file: string
  clock: Clock
  log: Logger
  /** What is stored encrypted; absent: nothing is. */
  cipher?: ValueCipher
  /** How much history is kept. Default: a day, 256 MiB. */
  history?: HistoryWindow
  recent?: RingLimits
  /** Most 8 KiB pages the file may take; when reached, writes fail as on a full disk. */
  maxPages?: number
  /** Where the storage thread's program (`journal-worker`) lies; needed only when a bundler has moved it. */
  worker?: URL
}

/**
 * Opens the durable store. Rejects with a StorageFailureError whose message says which file and why when it is
 * damaged, held by another process, not a store, or written by a newer version.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, maxPages, worker, cipher } = options
  const database = maxPages === undefined ? { file } : { file, maxPages }
  const journal = new WorkerJournal(worker ? { database, worker } : { database })
  try {
    return await openMvccStore({ ...options, journal: cipher ? encryptJournal(journal, cipher) : journal })
  } catch (error) {
    await journal.close()
    throw error
  }
}
