import type { CompactionWindow } from '../journal.ts'
import type { PackedRecords } from './packed-records.ts'
import type { OpenDatabaseOptions } from './schema.ts'

/** What the journal's main-thread side asks of its worker: name → [argument, answer]. */
export interface JournalCalls {
  open: [
    OpenDatabaseOptions,
    { revision: number; compactedRevision: number; sealedAs: number; current: PackedRecords },
  ]
  append: [PackedRecords, undefined]
  readAt: [{ key: string; revision: number }, PackedRecords]
  listAt: [
    { prefix: string; revision: number; after: string | undefined; limit: number | undefined },
    { page: PackedRecords; remaining: number },
  ]
  /** Answers the records and, in step with `hasPrevious`, the versions before them. */
  changes: [
    { prefix: string; after: number; through: number; limit: number },
    { records: PackedRecords; previous: PackedRecords; hasPrevious: boolean[] },
  ]
  compact: [{ revision: number }, undefined]
  compactionTarget: [CompactionWindow, number]
  tidy: [undefined, undefined]
  versions: [{ after: number; limit: number }, PackedRecords]
  replace: [PackedRecords, undefined]
  finishRewrite: [{ mark: number; scrub: boolean }, undefined]
  close: [undefined, undefined]
}

export type JournalOperation = keyof JournalCalls

export type JournalRequest = {
  [Name in JournalOperation]: { id: number; operation: Name; argument: JournalCalls[Name][0] }
}[JournalOperation]

export type JournalResponse =
  | { id: number; ok: true; answer: unknown }
  | { id: number; ok: false; message: string; compactedRevision?: number }
