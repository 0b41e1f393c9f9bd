import type { FieldError } from '../../../api/status.ts'
import { duplicate, invalidValue } from '../../../api/field-errors.ts'
import { formatPath, mapValuePath } from '../decode-error.ts'
import type { Schema } from '../schema.ts'
import { isObject } from './value-rules.ts'

type Path = readonly (string | number)[]

/** Items that occur several times in lists whose items must be unique, by value or by key (upstream: schema/listtype). */
export function listTypeErrors(schema: Schema, value: unknown, path: Path = []): FieldError[] {
  if (Array.isArray(value)) return itemErrors(schema, value, path)
  if (!isObject(value)) return []
  const { properties = {}, additionalProperties: additional } = schema
  const errors: FieldError[] = []
  for (const [key, member] of Object.entries(value)) {
    if (typeof additional === 'object')
      errors.push(...listTypeErrors(additional, member, mapValuePath(path, key)))
    else if (Object.hasOwn(properties, key))
      errors.push(...listTypeErrors(properties[key]!, member, [...path, key]))
  }
  return errors
}

function itemErrors(schema: Schema, value: unknown[], path: Path): FieldError[] {
  const errors: FieldError[] = []
  const at = (index: number): string => formatPath([...path, index])
  if (schema['x-kubernetes-list-type'] === 'set') {
    errors.push(...repeated(value).map((index) => duplicate(at(index), value[index])))
  } else if (schema['x-kubernetes-list-type'] === 'map') {
    const wrong = value.findIndex((item) => item !== null && !isObject(item))
    if (wrong >= 0) {
      const why = 'must be an object for an array of list-type map'
      errors.push(invalidValue(at(wrong), value[wrong], why))
    } else {
      const keys = value.map((item) => keysOf(schema, item))
      errors.push(...repeated(keys).map((index) => duplicate(at(index), canonical(keys[index]))))
    }
  }
  const { items } = schema
  if (!items) return errors
  return [...errors, ...value.flatMap((item, index) => listTypeErrors(items, item, [...path, index]))]
}

function keysOf(schema: Schema, item: unknown): Record<string, unknown> {
  if (!isObject(item)) return {}
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, item[key]]))
}

/** Where a value comes for the second time; further times are not told of. */
function repeated(values: unknown[]): number[] {
  const times = new Map<string, number>()
  return values.flatMap((value, index) => {
    const text = JSON.stringify(canonical(value))
    const before = times.get(text) ?? 0
    times.set(text, before + 1)
    return before === 1 ? [index] : []
  })
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, canonical(member)]),
  )
}
