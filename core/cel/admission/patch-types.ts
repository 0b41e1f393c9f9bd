import { dynType, objectType, stringType } from '../cel-type.ts'
import type { ObjectField, ObjectType } from '../cel-type.ts'

/** Fields of an object whose schema is not known: all that are asked for, of any type. */
class AnyFields extends Map<string, ObjectField> {
  override get(property: string): ObjectField {
    return { property, type: dynType }
  }
  override has(): boolean {
    return true
  }
}

/** One operation of a JSON patch, as an expression makes it: `JSONPatch{op: "add", path: …, value: …}`. */
export const jsonPatchType = objectType('JSONPatch', {
  op: stringType,
  path: stringType,
  from: stringType,
  value: dynType,
})

/** The object that an apply configuration makes: `Object{…}`. */
export const applyObjectType = unknownObject('Object')

function unknownObject(name: string): ObjectType {
  return { kind: 'object', name, fields: new AnyFields() }
}

/** The types that expressions of mutations may make values of: `JSONPatch`, `Object` and `Object.spec.containers`. */
export function patchType(name: string): ObjectType | undefined {
  if (name === jsonPatchType.name) return jsonPatchType
  if (name === applyObjectType.name) return applyObjectType
  return name.startsWith('Object.') ? unknownObject(name) : undefined
}
