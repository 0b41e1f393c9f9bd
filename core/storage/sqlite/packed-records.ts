import type { JournalRecord } from '../journal.ts'

/** Many records as few things to send between threads: one block of bytes that is transferred, and flat rows. */
export interface PackedRecords {
  rows: {
    key: string
    revision: number
    createRevision: number
    deleted: boolean
    time: number
    length: number
  }[]
  block: ArrayBuffer
}

/** Puts the values of records into one block, which goes to another thread without a copy. */
export function packRecords(records: JournalRecord[]): PackedRecords {
  let total = 0
  for (const record of records) total += record.value.length
  const block = new Uint8Array(total)
  let offset = 0
  const rows = records.map(({ value, ...rest }) => {
    block.set(value, offset)
    offset += value.length
    return { ...rest, length: value.length }
  })
  return { rows, block: block.buffer }
}

/** The records again. `copy` gives each its own bytes, for records that outlive the block. */
export function unpackRecords(packed: PackedRecords, options?: { copy: boolean }): JournalRecord[] {
  let offset = 0
  return packed.rows.map(({ length, ...rest }) => {
    const view = new Uint8Array(packed.block, offset, length)
    offset += length
    return { ...rest, value: options?.copy ? view.slice() : view }
  })
}
