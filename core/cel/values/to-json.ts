import { exactInteger } from '../../api/exact-json.ts'
import { CelDouble, CelUint } from './numbers.ts'
import { CelDuration, CelTimestamp, formatDuration, formatTimestamp } from './time.ts'
import { CelList, CelMap, CelOpaque, CelOptional, TypeValue } from './value.ts'
import type { CelValue } from './value.ts'

/** A value cannot be written as JSON. */
class NotJsonError extends Error {}

/** A value as JSON: bytes in base64, times and durations as text. Throws NotJsonError for what has no such form. */
export function toJson(value: CelValue): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof CelUint) return exactInteger(value.value)
  if (value instanceof CelDouble) return value.value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof CelTimestamp) return formatTimestamp(value)
  if (value instanceof CelDuration) return formatDuration(value)
  if (value instanceof CelList) return [...value].map(toJson)
  if (value instanceof CelMap) return mapToJson(value)
  if (value instanceof CelOptional) return value.value === undefined ? null : toJson(value.value)
  if (value instanceof TypeValue) throw new NotJsonError(`type conversion error from type to JSON`)
  if (value instanceof CelOpaque)
    throw new NotJsonError(`type conversion error from ${value.typeName} to JSON`)
  throw new NotJsonError(value.message)
}

function mapToJson(map: CelMap): unknown {
  const members: Record<string, unknown> = {}
  for (const key of map.keys()) {
    if (typeof key !== 'string') throw new NotJsonError('a JSON object has only strings as keys')
    // A member named __proto__ must not become the prototype.
    Object.defineProperty(members, key, {
      value: toJson(map.get(key) ?? null),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return members
}
