import type { KubeObject } from '../api/meta.ts'
import type { Entry, Store, StoreEvent, StoreWatch, WatchListener } from '../storage/store.ts'
import { createStoreView } from '../storage/store-view.ts'
import type { ConvertObjects } from './convert-objects.ts'
import { ShownEntry } from './shown-entry.ts'

/** How objects are converted between the version that is served and the one that is stored. */
export interface Conversion {
  served: string
  stored: string
  convert: ConvertObjects
}

/** A store whose objects are shown in another version than they are stored in. */
export interface ConvertingStore extends Store {
  /** Whether what an entry shows is stored in a version that is not the storage version any more. */
  isOutdated(entry: Entry): boolean
}

/** Somebody else wrote while an object was being converted. */
class Overtaken extends Error {
  readonly revision: number
  constructor(revision: number) {
    super('overtaken')
    this.revision = revision
  }
}

/**
 * A store as a version of a kind with a conversion webhook sees it (upstream: apiextensions-apiserver
 * crdConversionRESTOptionsGetter). Conversion takes time, so a change is made of a version that may be old by the time it
 * is written: then it is made again, as `acceptsAhead` says. What is of the served version already is never converted.
 */
export function createConvertingStore(
  store: Store,
  { served, stored, convert }: Conversion,
): ConvertingStore {
  const known = new WeakMap<Entry, Entry>()
  const sources = new WeakMap<Entry, Entry>()

  function learn(entry: Entry, object: KubeObject): Entry {
    const shown = object === entry.object ? entry : new ShownEntry(entry, object)
    known.set(entry, shown)
    sources.set(shown, entry)
    return shown
  }

  /** Entries in the served version; one request for all that need it. */
  async function showAll(entries: readonly Entry[]): Promise<Entry[]> {
    const missing = new Set<Entry>()
    for (const entry of entries) {
      if (known.has(entry)) continue
      if (entry.object.apiVersion === served) learn(entry, entry.object)
      else missing.add(entry)
    }
    if (missing.size > 0) {
      const asked = [...missing]
      const objects = await convert(
        asked.map(({ object }) => object),
        served,
      )
      for (const [index, entry] of asked.entries()) learn(entry, objects[index]!)
    }
    return entries.map((entry) => known.get(entry)!)
  }
  const show = async (entry: Entry): Promise<Entry> => (await showAll([entry]))[0]!

  async function hide(object: KubeObject): Promise<KubeObject> {
    return stored === object.apiVersion ? object : (await convert([object], stored))[0]!
  }

  /** Does work on the newest version in the served form, again when it was overtaken. */
  async function withCurrent<T>(key: string, work: (raw: Entry, shown: Entry) => Promise<T>): Promise<T> {
    for (;;) {
      const raw = await store.get(key)
      // One that is not there, or not yet, is told by the store itself.
      if (!raw) await store.update(key, ({ object }) => object)
      else {
        try {
          return await work(raw, await show(raw))
        } catch (error) {
          if (!(error instanceof Overtaken)) throw error
          await store.reach(error.revision)
        }
      }
    }
  }

  const mustBe = (raw: Entry, current: Entry): void => {
    if (current.revision !== raw.revision) throw new Overtaken(current.revision)
  }

  return createStoreView<Pick<ConvertingStore, 'isOutdated'>>(store, {
    acceptsAhead: false,
    isOutdated(entry) {
      const source = sources.get(entry)
      return source !== undefined && source.object.apiVersion !== stored
    },
    async get(key) {
      const entry = await store.get(key)
      return entry && show(entry)
    },
    async getAt(key, revision) {
      const entry = await store.getAt(key, revision)
      return entry && show(entry)
    },
    async list(prefix, options) {
      const result = await store.list(prefix, options)
      return { ...result, entries: await showAll(result.entries) }
    },
    create: async (key, object) => show(await store.create(key, await hide(object))),
    update: (key, change) =>
      withCurrent(key, async (raw, shown) => {
        const next = change(shown)
        const isKept = next === shown.object && raw.object.apiVersion === stored
        const written = isKept ? undefined : await hide(next)
        const entry = await store.update(key, (current) => {
          mustBe(raw, current)
          return written ?? current.object
        })
        return show(entry)
      }),
    delete: (key, check) =>
      withCurrent(key, async (raw, shown) => {
        const entry = await store.delete(key, (current) => {
          mustBe(raw, current)
          check?.(shown)
        })
        // What it was is known, and must not be asked for again: the answer may not come, and the object is gone.
        const { resourceVersion } = entry.object.metadata
        return learn(entry, { ...shown.object, metadata: { ...shown.object.metadata, resourceVersion } })
      }),
    watch: (prefix, fromRevision, listener) =>
      watchConverted(store, { prefix, fromRevision, listener, showAll }),
  })
}

/** A watch whose events are converted, in order. One that cannot be ends it. */
async function watchConverted(
  store: Store,
  {
    prefix,
    fromRevision,
    listener,
    showAll,
  }: {
    prefix: string
    fromRevision: number
    listener: WatchListener
    showAll: (entries: readonly Entry[]) => Promise<Entry[]>
  },
): Promise<StoreWatch> {
  let isOver = false
  let last = Promise.resolve()
  const end = (error: unknown): void => {
    if (isOver) return
    isOver = true
    listener.onEnd(error instanceof Error ? error : new Error(String(error)))
  }
  async function pass(events: StoreEvent[]): Promise<void> {
    const entries = events.flatMap(({ entry, previous }) => (previous ? [entry, previous] : [entry]))
    const shown = new Map<Entry, Entry>()
    for (const [index, one] of (await showAll(entries)).entries()) shown.set(entries[index]!, one)
    if (isOver) return
    listener.onEvents(
      events.map((event) => ({
        ...event,
        entry: shown.get(event.entry)!,
        ...(event.previous && { previous: shown.get(event.previous)! }),
      })),
    )
  }
  const source = await store.watch(prefix, fromRevision, {
    onEvents(events) {
      last = last
        .then(() => (isOver ? undefined : pass(events)))
        .catch((error: unknown) => {
          source.close()
          end(error)
        })
    },
    onEnd: (error) => void last.then(() => end(error)),
  })
  return {
    close() {
      isOver = true
      source.close()
    },
  }
}
