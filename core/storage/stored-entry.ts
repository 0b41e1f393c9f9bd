import type { KubeObject } from '../api/meta.ts'
import { orderedObject } from '../api/ordered-object.ts'
import type { JournalRecord } from './journal.ts'
import type { Entry } from './store.ts'
import { parseObject, textOfObject } from './stored-text.ts'

const decoder = new TextDecoder()

/** An Entry whose object is parsed from its bytes at first use: what comes from disk is mostly never looked at. */
class StoredEntry implements Entry {
  readonly key: string
  readonly revision: number
  readonly createRevision: number
  readonly bytes: Uint8Array
  #object: KubeObject | undefined
  #isHistory = false

  constructor(
    version: { key: string; revision: number; createRevision: number },
    bytes: Uint8Array,
    object?: KubeObject,
  ) {
    this.key = version.key
    this.revision = version.revision
    this.createRevision = version.createRevision
    this.bytes = bytes
    this.#object = object
  }

  get object(): KubeObject {
    if (this.#object) return this.#object
    const object = parseObject(decoder.decode(this.bytes))
    if (!this.#isHistory) this.#object = object
    return object
  }

  retire(): void {
    this.#isHistory = true
    this.#object = undefined
  }
}

/**
 * Lets go of the parsed object of a version that is history: the past is kept for watches that reconnect, which hardly
 * look into it, and an object takes thrice the memory of its bytes. Whoever reads `object` now gets a new copy each time.
 */
export function retireEntry(entry: Entry): void {
  if (entry instanceof StoredEntry) entry.retire()
}

/** The entry of a version read from the journal. */
export function entryOfRecord(record: JournalRecord): Entry {
  return new StoredEntry(record, record.value)
}

/** A new version of an object: a shallow copy with its resourceVersion set, serialised once. */
export function entryOfObject(
  version: { key: string; revision: number; createRevision: number },
  object: KubeObject,
): Entry {
  const metadata = { ...object.metadata, resourceVersion: String(version.revision) }
  const stored = orderedObject({ ...object, metadata })
  const text = textOfObject(stored)
  // Not from Buffer's shared pool: a long-lived entry would keep its pool neighbours' memory alive.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return new StoredEntry(version, bytes, stored)
}
