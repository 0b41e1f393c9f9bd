import type { KubeObject } from '../../api/meta.ts'
import { orderedObject } from '../../api/ordered-object.ts'
import { expired, isExpired } from '../../api/status.ts'
import { CompactedError, FutureRevisionError } from '../../storage/store.ts'
import type { StoreEvent, StoreWatch } from '../../storage/store.ts'
import { isCustom } from '../kind.ts'
import type { RegistryEvent, RegistryWatchListener, WatchQuery } from '../registry.ts'
import { zeroContent } from '../schema/zero-object.ts'
import { KindChangedError } from '../stored-form.ts'
import { rangeOf } from './list.ts'
import { checkWatchOptions, parseResourceVersion, tooLargeResourceVersion } from './resource-version.ts'
import { prefixOf, requireVerb, storeFailure } from './scope.ts'
import type { ResourceScope } from './scope.ts'
import { compileSelection } from './selection.ts'
import type { Selection } from './selection.ts'
import { addedEvent, watchEventOf } from './watch-event.ts'

const bookmarkPeriodMs = 60_000
/** How long before its end a watch gets its last bookmark; one that is no longer than this gets none for it (upstream: cache_watcher.go). */
const lastBookmarkSeconds = 2
const encoder = new TextEncoder()

interface WatchStart {
  revision: number
  /** Events up to this revision are left out. */
  after?: number
  initial: RegistryEvent[]
}

/**
 * Watches a resource: from a resourceVersion, or from the current state, which is then sent as ADDED events (upstream:
 * cacher.Watch). Bookmarks follow about every minute and at the end where they are wanted. An event's bytes are those
 * of its stored object. The first event comes in a later turn than the answer.
 */
export async function watchObjects(
  scope: ResourceScope,
  asked: WatchQuery,
  listener: RegistryWatchListener,
): Promise<{ close(): void }> {
  requireVerb(scope, 'watch')
  const query = withLegacyDefaults(asked)
  checkWatchOptions(query)
  const selection = compileSelection(scope.definition, query)
  const range = rangeOf(scope, prefixOf(scope, selection.namespace), selection)
  const start = await startOf(scope, { query, range }, selection)
  const watch = new ResourceWatch({
    scope,
    selection,
    listener,
    wantsBookmarks: query.allowWatchBookmarks === true,
  })
  await watch.open(range, start)
  if (query.timeoutSeconds !== undefined && query.timeoutSeconds > 0) watch.endAfter(query.timeoutSeconds)
  return watch
}

/** A watch from no version or any has always begun with the state, and now says where that ends (upstream: SetDefaults_ListOptions). */
function withLegacyDefaults(query: WatchQuery): WatchQuery {
  const { resourceVersion, resourceVersionMatch, sendInitialEvents } = query
  if (sendInitialEvents !== undefined || resourceVersionMatch) return query
  if (resourceVersion && resourceVersion !== '0') return query
  return { ...query, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
}

async function startOf(
  scope: ResourceScope,
  { query, range }: { query: WatchQuery; range: string },
  { matches }: Selection,
): Promise<WatchStart> {
  const { store } = scope
  const asked = parseResourceVersion(query.resourceVersion)
  if (asked !== undefined && asked > store.revision) await store.reach(asked)
  const isAhead = asked !== undefined && asked > store.revision
  if (!query.sendInitialEvents) {
    // What is to come later than a version that is still to come is waited for, as upstream.
    return isAhead
      ? { revision: store.revision, initial: [], after: asked }
      : { revision: asked || store.revision, initial: [] }
  }
  if (isAhead) throw tooLargeResourceVersion(asked, store.revision)
  const { entries, revision } = await store.list(range)
  const initial = entries.filter((entry) => !matches || matches(entry.object)).map(addedEvent)
  if (query.sendInitialEvents && query.allowWatchBookmarks) {
    initial.push(bookmark(scope, revision, { 'k8s.io/initial-events-end': 'true' }))
  }
  return { revision, initial }
}

function bookmark(
  scope: ResourceScope,
  revision: number,
  annotations?: Record<string, string>,
): RegistryEvent {
  const { apiVersion, definition, schema } = scope
  const metadata: Partial<KubeObject['metadata']> = { resourceVersion: String(revision) }
  if (annotations) metadata.annotations = annotations
  // Of a built-in kind it is an object in which nothing else is set, with all that Go writes of that.
  const content = isCustom(definition) ? {} : zeroContent(schema.node)
  const object = orderedObject({ kind: definition.kind, apiVersion, metadata, ...content } as KubeObject)
  return { type: 'BOOKMARK', object, bytes: encoder.encode(JSON.stringify(object)) }
}

interface WatchParts {
  scope: ResourceScope
  selection: Selection
  listener: RegistryWatchListener
  wantsBookmarks: boolean
}

class ResourceWatch {
  #parts: WatchParts
  #timers: Disposable[] = []
  #source: StoreWatch | undefined
  /** Initial events that are still to be sent before anything else. */
  #initial: RegistryEvent[] = []
  #revision = 0
  #after = 0
  #closed = false

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  async open(range: string, start: WatchStart): Promise<void> {
    const { scope, wantsBookmarks } = this.#parts
    this.#initial = start.initial
    this.#revision = start.revision
    this.#after = start.after ?? 0
    try {
      this.#source = await scope.store.watch(range, start.revision, {
        onEvents: (events) => this.#onEvents(events),
        onEnd: (error) => this.#end(endOf(error)),
      })
    } catch (error) {
      throw startFailure(scope, error, start.revision)
    }
    setImmediate(() => this.#flushInitial())
    if (wantsBookmarks) this.#timers.push(scope.clock.every(bookmarkPeriodMs, () => this.#sendBookmark()))
  }

  endAfter(seconds: number): void {
    const { clock } = this.#parts.scope
    this.#timers.push(clock.after(seconds * 1000, () => this.#end(undefined)))
    const last = seconds - lastBookmarkSeconds
    if (this.#parts.wantsBookmarks && last > 0)
      this.#timers.push(clock.after(last * 1000, () => this.#sendBookmark()))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#source?.close()
    for (const timer of this.#timers) timer[Symbol.dispose]()
  }

  #flushInitial(): void {
    const initial = this.#initial
    if (this.#closed || initial.length === 0) return
    this.#initial = []
    this.#parts.listener.onEvents(initial)
  }

  #onEvents(events: StoreEvent[]): void {
    this.#flushInitial()
    const { matches } = this.#parts.selection
    const seen: RegistryEvent[] = []
    for (const event of events) {
      const out = event.entry.revision > this.#after ? watchEventOf(event, matches) : undefined
      if (out) seen.push(out)
    }
    this.#revision = events.at(-1)?.entry.revision ?? this.#revision
    if (seen.length > 0 && !this.#closed) this.#parts.listener.onEvents(seen)
  }

  #sendBookmark(): void {
    if (this.#closed || this.#parts.scope.store.revision < this.#after) return
    this.#flushInitial()
    const { scope, listener } = this.#parts
    // The store announces a commit in the same turn in which its revision moves, so nothing up to it is still to come.
    this.#revision = Math.max(this.#revision, scope.store.revision)
    listener.onEvents([bookmark(scope, this.#revision)])
  }

  #end(error: Error | undefined): void {
    if (this.#closed) return
    this.close()
    this.#parts.listener.onEnd(error)
  }
}

function startFailure(scope: ResourceScope, error: unknown, revision: number): unknown {
  if (error instanceof CompactedError) return tooOld(scope, revision, error)
  if (error instanceof FutureRevisionError) return tooLargeResourceVersion(revision, scope.store.revision)
  return storeFailure(error)
}

function tooOld(_scope: ResourceScope, revision: number, error: CompactedError): Error {
  return expired(`too old resource version: ${revision} (${error.compactedRevision})`)
}

function endOf(error: Error): Error | undefined {
  if (error instanceof KindChangedError) return undefined
  if (isExpired(error)) return error
  return error instanceof CompactedError ? expired(error.message) : (storeFailure(error) as Error)
}
