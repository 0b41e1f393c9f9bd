import type { KubeObject } from '../../api/meta.ts'
import {
  CompactedError,
  FutureRevisionError,
  RevisionMismatchError,
  StorageFailureError,
  type Entry,
  type ListOptions,
  type ListResult,
  type Store,
  type StoreWatch,
  type WatchListener,
} from '../store.ts'
import type { EtcdClient } from './etcd-client.ts'
import type { EtcdCodec } from './etcd-codec.ts'
import { replayFromEtcd } from './etcd-history.ts'
import type { EtcdMirror } from './etcd-mirror.ts'
import type { TxnRequest } from './etcd-protocol.ts'

/** Enough for many writers on one object; each attempt starts from the state that beat the one before. */
const maxAttempts = 100

/**
 * The Store over etcd v3. Revisions are etcd's own. Writes are transactions on the mod_revision they are based on; reads,
 * lists and watches are answered from a mirror in memory, after it has caught up with what etcd held when they began
 * (upstream: consistent reads from cache, KEP-2340).
 */
export class EtcdStore implements Store {
  readonly acceptsAhead = false
  #client: EtcdClient
  #codec: EtcdCodec
  #mirror: EtcdMirror
  #compactor: Disposable
  #compacted = 0
  /** Writes of this process to one key go one after another. */
  #turns = new Map<string, Promise<unknown>>()
  #closed = false

  constructor(parts: { client: EtcdClient; codec: EtcdCodec; mirror: EtcdMirror; compactor: Disposable }) {
    this.#client = parts.client
    this.#codec = parts.codec
    this.#mirror = parts.mirror
    this.#compactor = parts.compactor
  }

  /** Some server, perhaps this one, has had etcd forget what is older. */
  onCompacted(revision: number): void {
    this.#compacted = Math.max(this.#compacted, revision)
  }

  get revision(): number {
    return this.#mirror.state.revision
  }

  get compactedRevision(): number {
    return this.#compacted
  }

  async reach(revision: number): Promise<void> {
    await this.#mirror.reach(revision)
  }

  async get(key: string): Promise<Entry | undefined> {
    await this.#catchUp()
    return this.#mirror.state.get(key)
  }

  async getAt(key: string, revision: number): Promise<Entry | undefined> {
    const isNear = await this.#prepareRead(revision)
    if (isNear) return this.#mirror.state.versionAt(key, revision)
    const { kvs } = await this.#past(() => this.#client.range({ key: this.#codec.key(key), revision }))
    return kvs[0] && this.#codec.entryOf(kvs[0])
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    const { after, limit } = options
    if (options.revision === undefined) await this.#catchUp()
    const revision = options.revision ?? this.revision
    if (await this.#prepareRead(revision)) {
      const all = this.#mirror.state.rangeAt(prefix, revision, after)
      const entries = limit === undefined ? all : all.slice(0, limit)
      return pageOf(entries, revision, all.length - entries.length)
    }
    const page = await this.#past(() =>
      this.#client.range({ ...this.#codec.range(prefix, after), revision, limit: limit ?? 0 }),
    )
    const entries = page.kvs.map((kv) => this.#codec.entryOf(kv))
    return pageOf(entries, revision, page.count - entries.length)
  }

  async create(key: string, object: KubeObject): Promise<Entry> {
    this.#assertOpen()
    return this.#inTurn(key, async () => {
      const current = this.#mirror.state.get(key)
      if (current) {
        await this.#catchUp()
        const confirmed = this.#mirror.state.get(key)
        if (confirmed) throw new RevisionMismatchError(confirmed)
      }
      const revision = await this.#transact(key, 0, {
        request_put: { key: this.#codec.key(key), value: this.#codec.value(key, object) },
      })
      if (revision === undefined) throw new RevisionMismatchError(this.#mirror.state.get(key))
      return this.#written(key, revision)
    })
  }

  async update(key: string, change: (current: Entry) => KubeObject): Promise<Entry> {
    this.#assertOpen()
    return this.#modify(key, change, async (current, object) => {
      if (object === current.object) return current
      const put = { request_put: { key: this.#codec.key(key), value: this.#codec.value(key, object) } }
      const revision = await this.#transact(key, current.revision, put)
      return revision === undefined ? undefined : this.#written(key, revision)
    })
  }

  async delete(key: string, check?: (current: Entry) => void): Promise<Entry> {
    this.#assertOpen()
    return this.#modify(
      key,
      (current) => check?.(current),
      async (current) => {
        const gone = { request_delete_range: { key: this.#codec.key(key) } }
        const revision = await this.#transact(key, current.revision, gone)
        if (revision === undefined) return undefined
        await this.#mirrored(revision)
        return this.#codec.deleted(current, revision)
      },
    )
  }

  async watch(prefix: string, fromRevision: number, listener: WatchListener): Promise<StoreWatch> {
    this.#assertOpen()
    await this.#mirror.reach(fromRevision)
    this.#assertReadable(fromRevision)
    return this.#mirror.state.watch({ prefix, fromRevision }, listener, (watch, span) =>
      replayFromEtcd({ client: this.#client, codec: this.#codec, prefix, span }, watch),
    )
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen()
    if (revision > this.revision) throw new FutureRevisionError(`revision ${revision} does not exist yet`)
    if (revision <= this.#compacted) return
    try {
      await this.#client.compact(revision)
    } catch (error) {
      // Somebody else has done it.
      if (!(error instanceof CompactedError)) throw error
    }
    this.#compacted = revision
  }

  /** What the member of etcd that is asked takes on its disk. */
  async sizeBytes(): Promise<number> {
    this.#assertOpen()
    return (await this.#client.status()).dbSize
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#compactor[Symbol.dispose]()
    await Promise.allSettled(this.#turns.values())
    this.#mirror.close()
    this.#client.close()
  }

  /**
   * Runs `decide` at once on the state at hand, and `write` in the key's turn. When somebody else was quicker, or `decide`
   * refuses a state that turns out to be old, both run again on the newer one.
   */
  async #modify<T>(
    key: string,
    decide: (current: Entry) => T,
    write: (current: Entry, decision: T) => Promise<Entry | undefined>,
  ): Promise<Entry> {
    let base = this.#mirror.state.get(key)
    let attempt = base && tryTo(() => decide(base!))
    return this.#inTurn(key, async () => {
      for (let count = 0; count < maxAttempts; count++) {
        let current = this.#mirror.state.get(key)
        if (!current || (current === base && attempt?.failure)) {
          await this.#catchUp()
          current = this.#mirror.state.get(key)
          if (!current) throw new RevisionMismatchError(undefined)
        }
        if (current !== base) {
          base = current
          attempt = tryTo(() => decide(current))
          if (attempt.failure) continue
        }
        if (!attempt || attempt.failure) throw attempt?.failure?.error
        const entry = await write(current, attempt.value)
        if (entry) return entry
      }
      throw new StorageFailureError(
        `${key} was changed by others ${maxAttempts} times while it was to be written`,
      )
    })
  }

  /** The revision of the write; undefined when the key is not at `basis` any more, and the mirror then knows it. */
  async #transact(
    key: string,
    basis: number,
    operation: TxnRequest['success'][number],
  ): Promise<number | undefined> {
    const { header, succeeded } = await this.#client.txn({
      compare: [{ result: 0, target: 2, key: this.#codec.key(key), mod_revision: basis }],
      success: [operation],
    })
    if (succeeded) return header.revision
    await this.#mirrored(header.revision)
    return undefined
  }

  /** What a process has written it also sees. */
  async #written(key: string, revision: number): Promise<Entry> {
    await this.#mirrored(revision)
    const entry = this.#mirror.state.versionAt(key, revision)
    if (entry?.revision !== revision)
      throw new StorageFailureError(`${key} was written, but cannot be read back`)
    return entry
  }

  async #mirrored(revision: number): Promise<void> {
    if (await this.#mirror.reach(revision)) return
    throw new StorageFailureError(`etcd is at revision ${revision}, but its watch does not deliver it`)
  }

  async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key)
    const mine = before ? before.then(work, work) : work()
    this.#turns.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#turns.get(key) === mine) this.#turns.delete(key)
    }
  }

  async #catchUp(): Promise<void> {
    this.#assertOpen()
    await this.#mirror.catchUp()
  }

  /** Whether the mirror can answer for the revision; otherwise etcd must. */
  async #prepareRead(revision: number): Promise<boolean> {
    this.#assertOpen()
    await this.#mirror.reach(revision)
    this.#assertReadable(revision)
    return revision >= this.#mirror.state.floor
  }

  async #past<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      if (error instanceof CompactedError) throw new CompactedError(this.#compacted)
      throw error
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new StorageFailureError('the store is closed')
  }

  #assertReadable(revision: number): void {
    if (revision > this.revision) throw new FutureRevisionError(`revision ${revision} does not exist yet`)
    if (revision < this.#compacted) throw new CompactedError(this.#compacted)
  }
}

type Attempt<T> = { value: T; failure?: undefined } | { failure: { error: unknown } }

function tryTo<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() }
  } catch (error) {
    return { failure: { error } }
  }
}

function pageOf(entries: Entry[], revision: number, remaining: number): ListResult {
  const result: ListResult = { entries, revision, remaining }
  if (remaining > 0) result.next = entries.at(-1)?.key
  return result
}
