import { Worker } from 'node:worker_threads'
import type {
  CompactionWindow,
  JournalChange,
  JournalPage,
  JournalRecord,
  JournalState,
  RewritableJournal,
} from '../journal.ts'
import { CompactedError, StorageFailureError } from '../store.ts'
import type { JournalCalls, JournalOperation, JournalRequest, JournalResponse } from './journal-protocol.ts'
import { packRecords, unpackRecords } from './packed-records.ts'
import type { OpenDatabaseOptions } from './schema.ts'

interface Waiting {
  resolve(answer: unknown): void
  reject(error: Error): void
}

export interface WorkerJournalOptions {
  database: OpenDatabaseOptions
  /** Where `journal-worker` lies, when a bundler has moved it. */
  worker?: URL
}

/**
 * The journal on SQLite in its own thread, so that a sync to disk never stalls the server. When the thread dies, all
 * calls, waiting and later, reject with StorageFailureError.
 */
export class WorkerJournal implements RewritableJournal {
  #worker: Worker
  #options: OpenDatabaseOptions
  #waiting = new Map<number, Waiting>()
  #lastId = 0
  #dead: Error | undefined
  #exited: Promise<void>

  constructor(options: WorkerJournalOptions) {
    this.#options = options.database
    // The program's own Node flags are not for this thread; some, such as --input-type, would even stop it.
    this.#worker = new Worker(options.worker ?? new URL('./journal-worker.ts', import.meta.url), {
      execArgv: [],
    })
    this.#worker.on('message', (response: JournalResponse) => this.#settle(response))
    this.#worker.on('error', (error: Error) => this.#die(`the storage thread failed: ${error.message}`))
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#die('the storage thread has ended')
        resolve()
      })
    })
  }

  async load(): Promise<JournalState> {
    const { current, ...state } = await this.#call('open', this.#options)
    return { records: unpackRecords(current, { copy: true }), ...state }
  }

  async append(records: JournalRecord[]): Promise<void> {
    const packed = packRecords(records)
    await this.#call('append', packed, [packed.block])
  }

  async readAt(key: string, revision: number): Promise<JournalRecord | undefined> {
    return unpackRecords(await this.#call('readAt', { key, revision }))[0]
  }

  async listAt(
    prefix: string,
    revision: number,
    page: { after: string | undefined; limit: number | undefined },
  ): Promise<JournalPage> {
    const answer = await this.#call('listAt', { prefix, revision, ...page })
    return { records: unpackRecords(answer.page), remaining: answer.remaining }
  }

  async changes(
    prefix: string,
    range: { after: number; through: number; limit: number },
  ): Promise<JournalChange[]> {
    const answer = await this.#call('changes', { prefix, ...range })
    const previous = unpackRecords(answer.previous)[Symbol.iterator]()
    return unpackRecords(answer.records).map((record, at) => {
      if (!answer.hasPrevious[at]) return { record }
      const before = previous.next()
      return before.done ? { record } : { record, previous: before.value }
    })
  }

  async compact(revision: number): Promise<void> {
    await this.#call('compact', { revision })
  }

  compactionTarget(window: CompactionWindow): Promise<number> {
    return this.#call('compactionTarget', window)
  }

  async tidy(): Promise<void> {
    await this.#call('tidy', undefined)
  }

  async versions(after: number, limit: number): Promise<JournalRecord[]> {
    return unpackRecords(await this.#call('versions', { after, limit }))
  }

  async replace(records: JournalRecord[]): Promise<void> {
    const packed = packRecords(records)
    await this.#call('replace', packed, [packed.block])
  }

  async finishRewrite(mark: number, scrub: boolean): Promise<void> {
    await this.#call('finishRewrite', { mark, scrub })
  }

  async close(): Promise<void> {
    if (this.#dead) return
    try {
      await this.#call('close', undefined)
    } finally {
      await this.#worker.terminate()
      await this.#exited
    }
  }

  #call<Name extends JournalOperation>(
    operation: Name,
    argument: JournalCalls[Name][0],
    transfer: ArrayBuffer[] = [],
  ): Promise<JournalCalls[Name][1]> {
    if (this.#dead) return Promise.reject(this.#dead)
    const id = ++this.#lastId
    return new Promise<JournalCalls[Name][1]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as JournalCalls[Name][1]), reject })
      const request = { id, operation, argument } as JournalRequest
      this.#worker.postMessage(request, transfer)
    })
  }

  #settle(response: JournalResponse): void {
    const waiting = this.#waiting.get(response.id)
    this.#waiting.delete(response.id)
    if (response.ok) waiting?.resolve(response.answer)
    else if (response.compactedRevision !== undefined) {
      waiting?.reject(new CompactedError(response.compactedRevision))
    } else waiting?.reject(new StorageFailureError(response.message))
  }

  #die(message: string): void {
    this.#dead ??= new StorageFailureError(message)
    for (const waiting of this.#waiting.values()) waiting.reject(this.#dead)
    this.#waiting.clear()
  }
}
