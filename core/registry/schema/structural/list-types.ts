import type { FieldError } from '../../../api/status.ts'
import { duplicate } from '../../../api/field-errors.ts'
import { formatPath } from '../decode-error.ts'
import type { Schema } from '../schema.ts'
import { isObject } from './value-rules.ts'

/** Items that occur twice in a list whose items must be unique, by value or by key (upstream: schema/listtype). */
export function listTypeErrors(schema: Schema, value: unknown[], path: (string | number)[]): FieldError[] {
  const listType = schema['x-kubernetes-list-type']
  if (listType !== 'set' && listType !== 'map') return []
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const identify = (item: unknown): unknown => {
    if (listType === 'set' || !isObject(item)) return item
    return Object.fromEntries(keys.filter((key) => item[key] !== undefined).map((key) => [key, item[key]]))
  }
  const seen = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, item] of value.entries()) {
    const identity = canonical(identify(item))
    const shown = JSON.stringify(identity)
    if (seen.has(shown)) {
      errors.push(duplicate(formatPath([...path, index]), identity))
    }
    seen.add(shown)
  }
  return errors
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
