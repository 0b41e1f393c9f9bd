import type { KubeObject } from '../../api/meta.ts'
import { orderedObject } from '../../api/ordered-object.ts'
import type { Entry } from '../../storage/store.ts'
import type { WriteResult } from '../registry.ts'

/** The result of a stored object. */
export function resultOfEntry(entry: Entry): WriteResult {
  return { object: entry.object, bytes: entry.bytes }
}

/** The result of an object that is not stored: a dry run, a Scale, a Status, what is gone. */
export function resultOfObject(object: KubeObject): WriteResult {
  return { object: orderedObject(object), bytes: undefined }
}
