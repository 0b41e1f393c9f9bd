import type { KubeObject } from '../../api/meta.ts'
import type { Entry, StoreEvent } from '../../storage/store.ts'
import type { RegistryEvent } from '../registry.ts'

const encoder = new TextEncoder()

/** An object of the current state, as a watch that begins with it sends it. */
export function addedEvent(entry: Entry): RegistryEvent {
  return { type: 'ADDED', object: entry.object, bytes: entry.bytes }
}

/**
 * What a watcher with a selector sees of a change (upstream: cacher convertToWatchEvent): an object that begins to match
 * is ADDED, one that no longer does is DELETED in its last matching state with the change's resourceVersion. Undefined
 * when it sees nothing.
 */
export function watchEventOf(
  event: StoreEvent,
  matches: ((object: KubeObject) => boolean) | undefined,
): RegistryEvent | undefined {
  const { entry, previous } = event
  const { object, bytes } = entry
  if (!matches) {
    const type = { created: 'ADDED', updated: 'MODIFIED', deleted: 'DELETED' } as const
    return { type: type[event.type], object, bytes }
  }
  const didMatch = previous !== undefined && matches(previous.object)
  if (event.type === 'deleted') return didMatch ? { type: 'DELETED', object, bytes } : undefined
  if (matches(object)) return { type: didMatch ? 'MODIFIED' : 'ADDED', object, bytes }
  return didMatch ? leftSelection(previous.object, entry) : undefined
}

function leftSelection(last: KubeObject, entry: Entry): RegistryEvent {
  const object = { ...last, metadata: { ...last.metadata, resourceVersion: String(entry.revision) } }
  return { type: 'DELETED', object, bytes: encoder.encode(JSON.stringify(object)) }
}
