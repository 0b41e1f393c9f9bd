import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** `WHS1`: says that a SQLite file is a Wheelhouse store. */
const applicationId = 0x57485331
const schemaVersion = 1

/** Three 2 KB objects fit a page of this size, one fits SQLite's default of 4 KiB. */
const pageBytes = 8_192
/** WAL pages after which a commit also checkpoints: rare enough under a flood to stay out of the 99th percentile. */
const checkpointPages = 12_000

export interface OpenDatabaseOptions {
  file: string
  /** Most pages of 8 KiB the file may take; when reached, writes fail as on a full disk. */
  maxPages?: number
}

/**
 * Opens or creates the store file: WAL, `synchronous=FULL`, held by this connection alone. Throws an Error with a
 * message for users when the file is corrupt, not a store, held by another process or written by a newer version.
 */
export function openDatabase(options: OpenDatabaseOptions): DatabaseSync {
  const { file } = options
  const existed = existsSync(file)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = ${pageBytes}`)
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`)
    database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA journal_size_limit = 67108864`)
    database.exec('PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY')
    prepareSchema(database, existed)
    if (options.maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${options.maxPages}`)
    return database
  } catch (error) {
    try {
      database?.close()
    } catch {
      // The first error is the one to tell.
    }
    throw explain(error, file)
  }
}

/** The value of a one-number pragma. */
export function pragmaNumber(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get()
  return Number(Object.values(row ?? {})[0] ?? 0)
}

function prepareSchema(database: DatabaseSync, existed: boolean): void {
  // Takes the lock now rather than at the first write.
  database.exec('BEGIN IMMEDIATE')
  const version = pragmaNumber(database, 'user_version')
  const id = pragmaNumber(database, 'application_id')
  const isEmpty = pragmaNumber(database, 'page_count') <= 1 && version === 0 && id === 0
  if (!isEmpty && id !== applicationId) throw new StoreFileError('it is not a Wheelhouse store')
  if (version > schemaVersion) {
    throw new StoreFileError(
      `it was written by a newer version of Wheelhouse (store version ${version}, this program knows ${schemaVersion})`,
    )
  }
  if (isEmpty) createTables(database)
  const clean = database.prepare(`SELECT value FROM meta WHERE name = 'clean'`).get()?.value === 1
  database.exec(`UPDATE meta SET value = 0 WHERE name = 'clean'`)
  database.exec('COMMIT')
  if (existed && !isEmpty && !clean) checkIntegrity(database)
}

function createTables(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE history (
      revision INTEGER PRIMARY KEY,
      key TEXT NOT NULL,
      create_revision INTEGER NOT NULL,
      deleted INTEGER NOT NULL,
      time INTEGER NOT NULL,
      value BLOB NOT NULL
    );
    CREATE UNIQUE INDEX history_by_key ON history (key, revision);
    INSERT INTO meta VALUES ('compacted', 0), ('swept', 0), ('clean', 1);
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${schemaVersion};
  `)
}

/** Only after an unclean end: the check reads the whole file. */
function checkIntegrity(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA quick_check(1)').get()
  const answer = String(Object.values(row ?? {})[0])
  if (answer !== 'ok') throw new StoreFileError(`it is damaged: ${answer}`)
}

class StoreFileError extends Error {}

function explain(error: unknown, file: string): Error {
  return new Error(`cannot open the store ${file}: ${reasonOf(error)}`, { cause: error })
}

/** Why SQLite refused, in words for users where its own would not help (https://www.sqlite.org/rescode.html). */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  const text = error instanceof Error ? error.message : String(error)
  const reasons: Partial<Record<number, string>> = {
    5: 'another process has it open',
    8: 'it is read-only',
    11: `it is damaged: ${text}`,
    13: 'the disk is full',
    14: 'it cannot be opened or created; check that its folder exists and is writable',
    26: 'it is not a SQLite file, or it is damaged',
  }
  return reasons[code] ?? text
}
