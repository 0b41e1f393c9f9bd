import { parentPort } from 'node:worker_threads'
import { CompactedError } from '../store.ts'
import { JournalDatabase } from './journal-database.ts'
import type { JournalCalls, JournalOperation, JournalRequest, JournalResponse } from './journal-protocol.ts'
import { packRecords, unpackRecords } from './packed-records.ts'
import type { PackedRecords } from './packed-records.ts'
import { reasonOf } from './schema.ts'

/** The worker's entry: does what it is asked on the database, one request at a time, in order. */
function serve(port: NonNullable<typeof parentPort>): void {
  let database: JournalDatabase | undefined
  const opened = (): JournalDatabase => {
    if (!database) throw new Error('the store is not open')
    return database
  }

  type Handlers = {
    [Name in JournalOperation]: (
      argument: JournalCalls[Name][0],
    ) => JournalCalls[Name][1] | Promise<JournalCalls[Name][1]>
  }
  const handlers: Handlers = {
    open(options) {
      database = new JournalDatabase(options)
      const { revision, compactedRevision, sealedAs } = database
      // A sweep that the last process did not finish goes on in the background; a failure shows at the next write.
      sweep().catch(() => undefined)
      return { revision, compactedRevision, sealedAs, current: packRecords(database.current()) }
    },
    append(packed) {
      opened().append(unpackRecords(packed))
      return undefined
    },
    readAt({ key, revision }) {
      const record = opened().readAt(key, revision)
      return packRecords(record ? [record] : [])
    },
    listAt({ prefix, revision, ...page }) {
      const { records, remaining } = opened().listAt(prefix, revision, page)
      return { page: packRecords(records), remaining }
    },
    changes({ prefix, ...range }) {
      const changes = opened().changes(prefix, range)
      return {
        records: packRecords(changes.map((change) => change.record)),
        previous: packRecords(changes.flatMap((change) => change.previous ?? [])),
        hasPrevious: changes.map((change) => change.previous !== undefined),
      }
    },
    async compact({ revision }) {
      opened().setCompacted(revision)
      await sweep()
      return undefined
    },
    compactionTarget: (window) => opened().compactionTarget(window),
    tidy() {
      opened().checkpoint()
      return undefined
    },
    versions: ({ after, limit }) => packRecords(opened().versions(after, limit)),
    replace(packed) {
      opened().replace(unpackRecords(packed))
      return undefined
    },
    finishRewrite({ mark, scrub }) {
      opened().finishRewrite(mark, scrub)
      return undefined
    },
    close() {
      const open = database
      database = undefined
      open?.close()
      return undefined
    },
  }

  /** In small steps, with waiting requests served between them. A closed database ends it. */
  async function sweep(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (database?.sweep()) await new Promise((resolve) => setImmediate(resolve))
  }

  async function answer(request: JournalRequest): Promise<void> {
    const { id } = request
    try {
      const handler = handlers[request.operation] as (argument: unknown) => unknown
      // Without an await for synchronous answers: a request is done before the next one is looked at.
      const result = handler(request.argument)
      send({ id, ok: true, answer: result instanceof Promise ? await result : result })
    } catch (error) {
      const message = reasonOf(error)
      if (error instanceof CompactedError) {
        send({ id, ok: false, message, compactedRevision: error.compactedRevision })
      } else send({ id, ok: false, message })
    }
  }

  function send(response: JournalResponse): void {
    port.postMessage(response, response.ok ? blocksOf(response.answer) : [])
  }

  port.on('message', (request: JournalRequest) => void answer(request))
}

/** The byte blocks of an answer, to be transferred instead of copied. */
function blocksOf(answer: unknown): ArrayBuffer[] {
  if (typeof answer !== 'object' || answer === null) return []
  const parts: unknown[] = [answer, ...(Object.values(answer) as unknown[])]
  return parts.flatMap((part) => {
    const block = (part as Partial<PackedRecords> | undefined)?.block
    return block instanceof ArrayBuffer ? [block] : []
  })
}

if (parentPort) serve(parentPort)
