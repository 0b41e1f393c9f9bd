import type { KubeObject } from '../../api/meta.ts'
import { orderedMetadata } from '../../api/ordered-metadata.ts'
import type { Entry } from '../../storage/store.ts'
import type { WriteResult } from '../registry.ts'

/** The result of a stored object. */
export function resultOfEntry(entry: Entry): WriteResult {
  return { object: entry.object, bytes: entry.bytes }
}

/** The result of an object that is not stored: a dry run, a Scale, a Status, what is gone. */
export function resultOfObject(object: KubeObject): WriteResult {
  const { kind, apiVersion, metadata, ...rest } = object
  const shown = { kind, apiVersion, metadata: orderedMetadata(metadata), ...rest }
  return { object: shown as KubeObject, bytes: undefined }
}
