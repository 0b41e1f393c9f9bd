import { jsonEqual } from './json-equal.ts'
import type { KubeObject } from '../api/meta.ts'
import type { Entry, Store, StoreEvent, StoreWatch } from '../storage/store.ts'
import { createStoreView } from '../storage/store-view.ts'
import type { StoredAs } from './kind.ts'
import type { KindSchema } from './schema/kind-schema.ts'
import { ShownEntry } from './shown-entry.ts'
import type { ResourceScope } from './verbs/scope.ts'

/** The kind that a watch was opened for is not served any more, or not as it was: the watch ends without an error. */
export class KindChangedError extends Error {}

/** A store as one version of a kind sees it. */
export interface ServedStore extends Store {
  /** Whether an entry would be stored otherwise than it is, e.g. in a version that is not the storage version any more. */
  isOutdated(entry: Entry): boolean
  /** Ends every watch that is open, and any that is opened later. */
  endWatches(): void
}

/** How one version of a kind shows what is stored. */
export interface StoredForm {
  /** The object in this version; the argument itself when it shows it as it is. */
  show(stored: KubeObject): KubeObject
  /** The object as it is to be stored. */
  hide(object: KubeObject): KubeObject
  /** Whether a stored object is not as it would be stored now. */
  isOutdated(stored: KubeObject): boolean
}

/**
 * The form of custom resources (upstream: apiextensions-apiserver customresource_handler.go, conversion strategy None):
 * stored in the storage version, without what that does not know; shown with the defaults of the version that they are
 * stored in, and without what the one that is served does not know.
 */
export function versionedForm(
  served: Pick<ResourceScope, 'apiVersion' | 'schema'>,
  storedApiVersion: string,
  schemaOf: (apiVersion: string) => KindSchema | undefined,
): StoredForm {
  const { apiVersion, schema } = served
  return {
    show(stored) {
      if (stored.apiVersion === apiVersion) return readStored(served, stored)
      const own = schemaOf(stored.apiVersion ?? '')
      const object = own ? own.decode(stored, { isStored: true }).object : stored
      return { ...schema.decode(object, { isStored: true, withoutDefaults: true }).object, apiVersion }
    },
    hide(object) {
      if (object.apiVersion === storedApiVersion) return object
      const own = schemaOf(storedApiVersion)
      const known = own ? own.decode(object, { isStored: true, withoutDefaults: true }).object : object
      return { ...known, apiVersion: storedApiVersion }
    },
    isOutdated: (stored) => stored.apiVersion !== storedApiVersion,
  }
}

/** The form of a kind that shares the objects of another. */
export function sharedForm({ toStored, fromStored }: StoredAs<KubeObject>): StoredForm {
  return { show: fromStored, hide: toStored, isOutdated: () => false }
}

/** A store whose objects are shown in a form of their own. What is stored stays as it is until its next write. */
export function createServedStore(
  store: Store & Partial<Pick<ServedStore, 'isOutdated'>>,
  form: StoredForm,
): ServedStore {
  const shown = new WeakMap<Entry, Entry>()
  const sources = new WeakMap<Entry, Entry>()
  const watches = new Set<() => void>()
  let isOver = false

  function show(entry: Entry): Entry {
    const known = shown.get(entry)
    if (known) return known
    const object = form.show(entry.object)
    const made = object === entry.object ? entry : new ShownEntry(entry, object)
    shown.set(entry, made)
    sources.set(made, entry)
    return made
  }
  const isOutdated = (entry: Entry): boolean => {
    const source = sources.get(entry)
    return source !== undefined && (form.isOutdated(source.object) || store.isOutdated?.(source) === true)
  }
  const showEvent = (event: StoreEvent): StoreEvent => ({
    ...event,
    entry: show(event.entry),
    ...(event.previous && { previous: show(event.previous) }),
  })

  return createStoreView<Pick<ServedStore, 'isOutdated' | 'endWatches'>>(store, {
    isOutdated,
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
      return { ...result, entries: result.entries.map(show) }
    },
    create: async (key, object) => show(await store.create(key, form.hide(object))),
    async update(key, change) {
      const written = await store.update(key, (current) => {
        const before = show(current)
        const next = change(before)
        return next === before.object && !isOutdated(before) ? current.object : form.hide(next)
      })
      return show(written)
    },
    delete: async (key, check) => show(await store.delete(key, check && ((current) => check(show(current))))),
    async watch(prefix, fromRevision, listener) {
      const end = (): void => {
        watches.delete(end)
        source.close()
        listener.onEnd(new KindChangedError())
      }
      const source: StoreWatch = await store.watch(prefix, fromRevision, {
        onEvents: (events) => listener.onEvents(events.map(showEvent)),
        onEnd(error) {
          watches.delete(end)
          listener.onEnd(error)
        },
      })
      // One that was being opened while the kind went away ends at once, but not before its opener has it.
      if (isOver) setImmediate(end)
      watches.add(end)
      return {
        close() {
          watches.delete(end)
          source.close()
        },
      }
    },
    endWatches() {
      isOver = true
      for (const end of [...watches]) end()
    },
  })
}

function readStored(
  { apiVersion, schema }: Pick<ResourceScope, 'apiVersion' | 'schema'>,
  stored: KubeObject,
): KubeObject {
  const { object } = schema.decode(stored, { isStored: true })
  if (stored.apiVersion === apiVersion && jsonEqual(object, stored)) return stored
  return { ...object, apiVersion }
}
