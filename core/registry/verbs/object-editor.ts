import { apiVersionOf } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { PatchTestFailed, type ObjectEditor } from '../../api/request.ts'
import { findAtomics } from '../apply/find-atomics.ts'
import { mergeTyped } from '../apply/merge-typed.ts'
import { applyJsonPatch } from '../patch/json-patch.ts'
import { PatchTestError } from '../patch/patch-error.ts'
import { cloneJson } from '../schema/clone-json.ts'
import type { BodyType } from './body-type.ts'

/** The type to edit, with the defaults that its schema does not hold. */
type EditedType = Omit<BodyType, 'schemas'> & { default?(object: KubeObject): void }

/** An editor of objects of one type, for admission plugins. */
export function createObjectEditor(type: EditedType): ObjectEditor {
  const identity = { apiVersion: apiVersionOf(type), kind: type.kind }

  function read(document: unknown): KubeObject {
    const object = { ...type.schema.decode(document).object, ...identity }
    type.default?.(object)
    return object
  }

  return {
    applyJsonPatch(object, operations) {
      try {
        return read(applyJsonPatch(object, operations))
      } catch (error) {
        throw error instanceof PatchTestError ? new PatchTestFailed(error.message) : error
      }
    },
    applyConfiguration(object, configuration) {
      const atomics = findAtomics(configuration, type.schema.node)
      if (atomics.length > 0) {
        throw new Error(
          `invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
        )
      }
      return read(mergeTyped(cloneJson(object), cloneJson(configuration), type.schema.node))
    },
  }
}
