import type { Resource } from '../api/gvk.ts'
import { objectKey, type KubeObject } from '../api/meta.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { Client, Selection } from './client.ts'
import { Indexer, type IndexFunction, type Lister } from './indexer.ts'
import { startReflector } from './reflector.ts'

/**
 * Told of changes after the store has them, in order, synchronously. An object that was replaced by another of the same
 * name (new uid) is told as deleted and added. A deletion that was missed during a gap comes with the last known state
 * and `isFinalStateKnown` false. Handlers must not throw (it is logged) and must not mutate.
 */
export interface InformerHandler<T extends KubeObject> {
  added?(object: T): void
  updated?(object: T, previous: T): void
  deleted?(object: T, isFinalStateKnown: boolean): void
}

/** A shared, live, indexed picture of one resource. There is no periodic resync. */
export interface Informer<T extends KubeObject> {
  readonly resource: Resource<T>
  readonly store: Lister<T>
  /** The newest resourceVersion seen. */
  readonly resourceVersion: string
  /** Adds an index; a second one of the same name is ignored. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void
  /** What is there already is told as added at once. Dispose takes the handler away. */
  addHandler(handler: InformerHandler<T>): Disposable
  /** Whether the first list is in the store and was told to the handlers. */
  hasSynced(): boolean
  /** Resolves when synced; never when the informer is disposed before that. */
  whenSynced(): Promise<void>
  /** Begins to list and watch; later calls do nothing. */
  start(): void
  [Symbol.dispose](): void
}

export interface InformerOptions<T extends KubeObject> {
  client: Client
  resource: Resource<T>
  selection?: Selection
  clock: Clock
  log: Logger
  random?: () => number
}

/** An informer that is not started yet. */
export function createInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  const { resource, log } = options
  const store = new Indexer<T>()
  const handlers = new Set<InformerHandler<T>>()
  let reflector: Disposable | undefined
  let synced = false
  let disposed = false
  let resourceVersion = ''
  const waiting: Array<() => void> = []

  function tell(call: (handler: InformerHandler<T>) => void): void {
    for (const handler of handlers) {
      try {
        call(handler)
      } catch (error) {
        log.error('informer handler failed', { resource: resource.resource, error })
      }
    }
  }

  function put(object: T): void {
    const previous = store.set(object)
    if (!previous) tell((handler) => handler.added?.(object))
    else if (previous.metadata.uid !== object.metadata.uid) {
      tell((handler) => handler.deleted?.(previous, false))
      tell((handler) => handler.added?.(object))
    } else if (previous.metadata.resourceVersion !== object.metadata.resourceVersion) {
      tell((handler) => handler.updated?.(object, previous))
    }
  }

  const sink = {
    replace(items: T[], version: string): void {
      const kept = new Set(items.map(objectKey))
      for (const key of store.keys()) {
        if (kept.has(key)) continue
        const last = store.delete(key)
        if (last) tell((handler) => handler.deleted?.(last, false))
      }
      for (const item of items) put(item)
      resourceVersion = version
      if (synced) return
      synced = true
      for (const resolve of waiting.splice(0)) resolve()
    },
    change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
      resourceVersion = object.metadata.resourceVersion ?? resourceVersion
      if (type !== 'DELETED') {
        put(object)
        return
      }
      if (store.delete(objectKey(object))) tell((handler) => handler.deleted?.(object, true))
    },
  }

  return {
    resource,
    store,
    get resourceVersion() {
      return resourceVersion
    },
    addIndex: (name, valuesOf) => store.addIndex(name, valuesOf),
    addHandler(handler) {
      handlers.add(handler)
      for (const object of store.list()) {
        try {
          handler.added?.(object)
        } catch (error) {
          log.error('informer handler failed', { resource: resource.resource, error })
        }
      }
      return { [Symbol.dispose]: () => void handlers.delete(handler) }
    },
    hasSynced: () => synced,
    whenSynced: () => (synced ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    start() {
      if (!disposed) reflector ??= startReflector({ ...options, sink })
    },
    [Symbol.dispose]() {
      disposed = true
      reflector?.[Symbol.dispose]()
      handlers.clear()
    },
  }
}
