import type { KubeObject } from '../api/meta.ts'
import { isCustomResource, orderedObject } from '../api/ordered-object.ts'
import type { Entry } from '../storage/store.ts'
import { textOfObject } from '../storage/stored-text.ts'

const encoder = new TextEncoder()

/** An entry whose object is not the stored one; its JSON is made when somebody asks. */
export class ShownEntry implements Entry {
  readonly key: string
  readonly revision: number
  readonly createRevision: number
  readonly object: KubeObject
  #bytes: Uint8Array | undefined

  constructor({ key, revision, createRevision }: Entry, object: KubeObject) {
    this.key = key
    this.revision = revision
    this.createRevision = createRevision
    this.object = isCustomResource(object) ? orderedObject(object) : object
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= encoder.encode(textOfObject(this.object)))
  }
}
