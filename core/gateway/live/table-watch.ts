import type { LiveColumn, LiveRow, LiveTarget } from '../../api/live.ts'
import { failure, isExpired, StatusError, type Status } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { toStatusError } from '../answers.ts'
import { columnsOf, resourceVersionOf, rowsOf } from './table.ts'
import type { TableEvent, TableSource } from './table-source.ts'

/** Hears what happens to a list. */
export interface TableSink {
  /** The list anew; with `hasMore` only its beginning, until `completed`. */
  replace(columns: LiveColumn[], rows: LiveRow[], resourceVersion: string, hasMore: boolean): void
  /** All of the list has been told. */
  completed(): void
  change(change: { upsert: LiveRow } | { delete: string }, resourceVersion: string): void
  /** Time goes on without a change. */
  bookmark(resourceVersion: string): void
  /** The server cannot be followed at the moment; it is tried again. */
  failed(status: Status): void
  /** The server is followed again after `failed`, without a gap. */
  recovered(): void
}

/** What fits on a screen comes first. */
const firstPageSize = 100
const pageSize = 500
const firstDelayMs = 500
const longestDelayMs = 15_000
/** Upstream's reflectors end each watch after 5 to 10 minutes as well. */
const watchSeconds = 480

/**
 * Follows one list as a server-side Table: list, then watch from its revision. A watch that ends is resumed; 410 leads
 * to a new list; failures are told and tried again after 0.5 to 15 seconds. Dispose ends it, then the sink is silent.
 */
export function followTable(options: {
  /** Asked anew for each list and watch. */
  source: () => TableSource
  target: LiveTarget
  sink: TableSink
  clock: Clock
  log: Logger
}): Disposable {
  const { source, target, sink, clock, log } = options
  const stop = new AbortController()
  const { signal } = stop
  let delayMs = firstDelayMs
  let resourceVersion: string | undefined
  let isFailing = false
  let hasListed = false

  async function list(): Promise<void> {
    const isFirst = !hasListed
    const rows: LiveRow[] = []
    let columns: LiveColumn[] = []
    let version = ''
    let next: string | undefined
    do {
      const limit = isFirst && rows.length === 0 ? firstPageSize : pageSize
      const query = { limit: String(limit), ...(next && { continue: next }) }
      const answer = await source().list(target, query, signal)
      columns = columnsOf(answer) ?? columns
      const page = rowsOf(target, answer)
      version = resourceVersionOf(answer) ?? version
      if (signal.aborted) return
      // Of a list that nobody has seen yet the first rows show at once; a later one takes the place of the old as a whole.
      if (isFirst && rows.length > 0) for (const row of page) sink.change({ upsert: row }, version)
      rows.push(...page)
      next = answer.metadata?.continue || undefined
      if (isFirst && rows.length === page.length) sink.replace(columns, rows, version, next !== undefined)
    } while (next)
    if (isFirst) sink.completed()
    else sink.replace(columns, rows, version, false)
    hasListed = true
    resourceVersion = version
    isFailing = false
    delayMs = firstDelayMs
  }

  async function watch(): Promise<void> {
    const query = {
      resourceVersion: resourceVersion ?? '',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(watchSeconds),
    }
    let startedAt = clock.now()
    await source().watch(target, query, {
      signal,
      onOpen() {
        startedAt = clock.now()
        if (!isFailing) return
        isFailing = false
        sink.recovered()
      },
      onEvents(events) {
        if (signal.aborted) return
        delayMs = firstDelayMs
        for (const event of events) take(event)
      },
    })
    // A server that ends every watch at once must not be hammered.
    if (!signal.aborted && clock.now() - startedAt < 1_000) await pause()
  }

  function take({ type, object: answer }: TableEvent): void {
    resourceVersion = resourceVersionOf(answer) ?? resourceVersion
    const version = resourceVersion ?? ''
    if (type === 'BOOKMARK') {
      sink.bookmark(version)
      return
    }
    for (const row of rowsOf(target, answer)) {
      sink.change(type === 'DELETED' ? { delete: row.uid } : { upsert: row }, version)
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        if (resourceVersion === undefined) await list()
        else await watch()
      } catch (error) {
        if (signal.aborted) return
        await recoverFrom(error)
      }
    }
  }

  async function recoverFrom(error: unknown): Promise<void> {
    const status = isConnectionLoss(error) ? undefined : toStatusError(error).status
    const mustListAgain = error instanceof StatusError && error.code < 500
    const wasWatching = resourceVersion !== undefined
    if (mustListAgain) resourceVersion = undefined
    if (isExpired(error) && wasWatching) return
    log.debug('a live list is interrupted', { resource: target.resource, error })
    // A watch that breaks off is no news while the next attempt succeeds.
    if (status) {
      isFailing = true
      sink.failed(status)
    }
    await pause()
  }

  function pause(): Promise<void> {
    const wait = delayMs
    delayMs = Math.min(delayMs * 2, longestDelayMs)
    return new Promise((resolve) => {
      const timer = clock.after(wait, resolve)
      signal.addEventListener('abort', () => {
        timer[Symbol.dispose]()
        resolve()
      })
    })
  }

  void run()
  return { [Symbol.dispose]: () => stop.abort() }
}

/** A response that ended in the middle, as opposed to a request that was refused. */
function isConnectionLoss(error: unknown): boolean {
  return error instanceof Error && !(error instanceof StatusError) && !(error instanceof SyntaxError)
}

/** Checks what a page asks for. Throws 400 for what cannot be a resource. */
export function checkTarget(target: LiveTarget): void {
  const isName = (text: unknown): boolean => typeof text === 'string' && /^[a-z0-9][a-z0-9.-]*$/i.test(text)
  const isOptionalText = (text: unknown): boolean => text === undefined || typeof text === 'string'
  const isValid =
    (target.group === '' || isName(target.group)) &&
    isName(target.version) &&
    isName(target.resource) &&
    (target.namespace === undefined || isName(target.namespace)) &&
    isOptionalText(target.labelSelector) &&
    isOptionalText(target.fieldSelector)
  if (!isValid) throw failure(400, 'BadRequest', 'the subscription names no resource')
}
