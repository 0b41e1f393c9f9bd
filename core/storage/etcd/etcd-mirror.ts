import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { CommittedState } from '../committed-state.ts'
import type { RingLimits } from '../event-ring.ts'
import { CompactedError, StorageFailureError, type Entry, type StoreEvent } from '../store.ts'
import { everyKey, type EtcdClient } from './etcd-client.ts'
import { compactRevisionKey } from './etcd-compactor.ts'
import type { EtcdCodec } from './etcd-codec.ts'
import type { WatchedEvent, WatchResponse } from './etcd-protocol.ts'

const loadPage = 1_000
const retryMs = 250
/** How long a read waits for the mirror to reach etcd (upstream: 3 s, cacher.go blockTimeout). */
const catchUpMs = 3_000

interface Waiter {
  revision: number
  resolve(): void
}

export interface EtcdMirrorOptions {
  client: EtcdClient
  codec: EtcdCodec
  recent?: RingLimits | undefined
  /** Some server has had etcd forget what is older. */
  onCompacted(revision: number): void
  clock: Clock
  log: Logger
}

/**
 * etcd's state in memory, kept up by one watch. The watch covers every key of etcd, so that each revision etcd ever gives
 * arrives here as an event: waiting for a revision needs no progress notifications, which etcd before 3.4.25 and 3.5.8
 * may send ahead of the events they are about (etcd issue 15220).
 */
export class EtcdMirror {
  #options: EtcdMirrorOptions
  #state: CommittedState
  #waiters = new Set<Waiter>()
  #watch: { close(): void } | undefined
  #retry: Disposable | undefined
  #asked: Promise<void> | undefined
  #closed = false

  private constructor(options: EtcdMirrorOptions, state: CommittedState) {
    this.#options = options
    this.#state = state
    this.#follow()
  }

  /** Loads everything under the prefix at one revision, and follows from there. */
  static async open(options: EtcdMirrorOptions): Promise<EtcdMirror> {
    return new EtcdMirror(options, await load(options))
  }

  /** Replaced as a whole after etcd has compacted what the watch still needed. */
  get state(): CommittedState {
    return this.#state
  }

  /** Resolves once everything that was in etcd when this was called is here. Calls of one moment share the question. */
  async catchUp(): Promise<void> {
    // Whoever comes while a question is under way may have seen a later write: it shares the next one.
    if (this.#asked) await this.#asked.catch(() => undefined)
    await (this.#asked ??= this.#ask())
  }

  async #ask(): Promise<void> {
    try {
      // The calls of this turn join in.
      await new Promise((resolve) => setImmediate(resolve))
      const { key, range_end } = this.#options.codec.nothing
      const { header } = await this.#options.client.range({ key, range_end, limit: 1, count_only: true })
      if (!(await this.reach(header.revision))) {
        throw new StorageFailureError(`the store lags behind etcd, which is at revision ${header.revision}`)
      }
    } finally {
      this.#asked = undefined
    }
  }

  /** Waits a moment for a revision; false when it did not come. */
  async reach(revision: number): Promise<boolean> {
    if (this.#state.revision >= revision) return true
    if (this.#closed) throw new StorageFailureError('the store is closed')
    await new Promise<void>((resolve) => {
      const waiter: Waiter = {
        revision,
        resolve: () => {
          timer[Symbol.dispose]()
          this.#waiters.delete(waiter)
          resolve()
        },
      }
      const timer = this.#options.clock.after(catchUpMs, () => waiter.resolve())
      this.#waiters.add(waiter)
    })
    return this.#state.revision >= revision
  }

  close(): void {
    this.#closed = true
    this.#watch?.close()
    this.#retry?.[Symbol.dispose]()
    for (const waiter of [...this.#waiters]) waiter.resolve()
    this.#state.endWatches(new StorageFailureError('the store is closed'))
  }

  #follow(): void {
    if (this.#closed) return
    this.#watch = this.#options.client.watch(
      { ...everyKey, startRevision: this.#state.revision + 1 },
      {
        onResponse: (response) => this.#apply(response),
        onEnd: (error) => this.#onEnd(error),
      },
    )
  }

  #onEnd(error: Error): void {
    this.#watch = undefined
    const { log, clock } = this.#options
    const isCompacted = error instanceof CompactedError
    log.warn('the watch on etcd ended; following again', { reason: error.message })
    this.#retry = clock.after(retryMs, () => {
      if (!isCompacted) return this.#follow()
      this.#reload().catch((failure: Error) => this.#onEnd(isCompacted ? error : failure))
    })
  }

  /** Changes were missed: nobody may go on as if they had seen them. */
  async #reload(): Promise<void> {
    const state = await load(this.#options)
    const old = this.#state
    this.#state = state
    old.endWatches(new CompactedError(state.revision))
    this.#follow()
    this.#wake()
  }

  #apply({ header, events }: WatchResponse): void {
    const changes = events.map((event) => this.#changeOf(event)).filter((change) => change !== undefined)
    // A listener may look at the revision: it is never behind the events it is told of.
    if (changes.length > 0) this.#state.publish(changes)
    const last = events.at(-1)?.kv.mod_revision
    if (last !== undefined) this.#state.advance(last)
    else if (header.revision > this.#state.revision) {
      this.#options.log.debug('etcd is ahead of its watch', { revision: header.revision })
    }
    this.#wake()
  }

  #changeOf({ type, kv, prev_kv }: WatchedEvent): StoreEvent | undefined {
    const { codec, log } = this.#options
    if (type === 0 && kv.key.equals(compactRevisionKey))
      this.#options.onCompacted(Number(kv.value.toString()))
    const key = codec.keyOf(kv.key)
    if (key === undefined || kv.mod_revision <= this.#state.revision) return undefined
    try {
      const previous = this.#state.get(key) ?? (prev_kv ? codec.entryOf(prev_kv) : undefined)
      if (type === 1)
        return previous && { type: 'deleted', entry: codec.deleted(previous, kv.mod_revision), previous }
      const entry = codec.entryOf(kv)
      return previous ? { type: 'updated', entry, previous } : { type: 'created', entry }
    } catch (error) {
      // Nobody can be shown what cannot be read; the others must not wait for it.
      log.error('a value in etcd cannot be read', { key, error })
      return undefined
    }
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) {
      if (this.#state.revision >= waiter.revision) waiter.resolve()
    }
  }
}

async function load({ client, codec, recent, log }: EtcdMirrorOptions): Promise<CommittedState> {
  const { key, range_end } = codec.everything
  const entries: Entry[] = []
  let revision = 0
  let from = key
  for (;;) {
    const page = await client.range({ key: from, range_end, limit: loadPage, revision })
    revision ||= page.header.revision
    for (const kv of page.kvs) entries.push(codec.entryOf(kv))
    const last = page.kvs.at(-1)
    if (!page.more || !last) break
    from = Buffer.concat([last.key, Buffer.from([0])])
  }
  return new CommittedState({ revision, entries, recent, log })
}
