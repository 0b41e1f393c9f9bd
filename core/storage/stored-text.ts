import { parseExactJson } from '../api/exact-json.ts'
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from '../api/meta.ts'
import { dropNulls, withNulls } from '../api/null-fields.ts'
import { isCustomResource } from '../api/ordered-object.ts'

/** How many different fieldsV1 are kept; objects of one shape share theirs. */
const maxShared = 4_096
/** Up to which length of their text: longer ones hardly occur twice. */
const maxSharedLength = 64 * 1024

type Fields = Record<string, unknown>

const byText = new Map<string, Fields>()
const texts = new WeakMap<object, string>()

/**
 * The one frozen fieldsV1 that stands for all that are equal to these. Most objects are of few shapes: thousands of them
 * share a few trees, which are written once.
 */
export function shareFields(fields: Fields): Fields {
  if (texts.has(fields)) return fields
  const text = JSON.stringify(fields)
  if (text.length > maxSharedLength) return deepFreeze(fields)
  const known = byText.get(text)
  if (known) return known
  if (byText.size >= maxShared) byText.delete(byText.keys().next().value!)
  byText.set(text, deepFreeze(fields))
  texts.set(fields, text)
  return fields
}

function deepFreeze(fields: Fields): Fields {
  for (const child of Object.values(fields)) {
    if (typeof child === 'object' && child !== null && !Object.isFrozen(child)) deepFreeze(child as Fields)
  }
  return Object.freeze(fields)
}

/** An object's JSON. A built-in one's begins with kind and apiVersion: lists cut them off; a custom resource's keeps its order. The fieldsV1 of its managedFields, often half of it, are not written anew where they are shared. */
export function textOfObject(object: KubeObject): string {
  if (isCustomResource(object)) return textInOrder(object, { metadata: textOfSortedMetadata })
  const { kind, apiVersion, metadata, ...rest } = withNulls(object)
  const { managedFields, ...others } = metadata
  if (!managedFields?.some(isShared)) return JSON.stringify({ kind, apiVersion, metadata, ...rest })
  const head = JSON.stringify({ kind, apiVersion, metadata: others })
  const comma = head.endsWith('{}}') ? '' : ','
  const tail = JSON.stringify(rest)
  const open = `${head.slice(0, -2)}${comma}"managedFields":[${managedFields.map(textOfEntry).join()}]}`
  return tail === '{}' ? `${open}}` : `${open},${tail.slice(1)}`
}

type Special = Partial<Record<string, (value: never) => string>>

/** JSON of an object in the order of its members, some of which are written in a way of their own. */
function textInOrder(object: object, special: Special): string {
  const members = Object.entries(object).flatMap(([name, value]) => {
    const text = special[name]?.(value as never) ?? (JSON.stringify(value) as string | undefined)
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`]
  })
  return `{${members.join()}}`
}

function textOfSortedMetadata(metadata: ObjectMeta): string {
  if (!metadata.managedFields?.some(isShared)) return JSON.stringify(metadata)
  const textOfFields = (fields: Fields): string => texts.get(fields) ?? JSON.stringify(fields)
  const managedFields = (entries: ManagedFieldsEntry[]): string =>
    `[${entries.map((entry) => textInOrder(entry, { fieldsV1: textOfFields })).join()}]`
  return textInOrder(metadata, { managedFields })
}

function isShared({ fieldsV1 }: ManagedFieldsEntry): boolean {
  return fieldsV1 !== undefined && texts.has(fieldsV1)
}

function textOfEntry(entry: ManagedFieldsEntry): string {
  const { fieldsV1, subresource, ...others } = entry
  const fields = fieldsV1 && texts.get(fieldsV1)
  if (fields === undefined) return JSON.stringify(entry)
  const text = JSON.stringify(others)
  const open = text === '{}' ? '{' : `${text.slice(0, -1)},`
  return `${open}"fieldsV1":${fields}${subresource ? `,"subresource":${JSON.stringify(subresource)}` : ''}}`
}

/** Reads an object's JSON; its fieldsV1 are shared ones. */
export function parseObject(text: string): KubeObject {
  const object = parseExactJson(text) as KubeObject
  dropNulls(object)
  for (const entry of object.metadata.managedFields ?? []) {
    if (typeof entry.fieldsV1 === 'object' && entry.fieldsV1 !== null) {
      entry.fieldsV1 = shareFields(entry.fieldsV1)
    }
  }
  return object
}
