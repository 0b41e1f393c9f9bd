import type { FieldError } from '../../../api/status.ts'
import { goFloat, isGoInt } from '../../../api/go-text.ts'
import type { Schema } from '../schema.ts'
import { effectiveFormat, wantedTypes } from './json-type.ts'
import { inBody, withoutField } from './place.ts'
import type { ValuePlace } from './place.ts'

const int32 = 2 ** 31
/** The largest number that Go's float32 holds. */
const maxFloat32 = 3.4028234663852886e38

/**
 * What a number breaks: the range of its type, multiples and bounds. A bound that its type cannot hold is told of too
 * (upstream: kube-openapi validate numberValidator).
 */
export function numberErrors(schema: Schema, value: number | bigint, place: ValuePlace): FieldError[] {
  const range = rangeOf(schema)
  const outOfRange = (one: number | bigint, what: string): FieldError[] => {
    if (range.holds(one)) return []
    const format = range.format ? `with format ${range.format}` : '(default format)'
    return [withoutField(place, `${what} value must be of type ${range.type} ${format} in ${place.name}`)]
  }
  const { multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = schema
  const isInt = isGoInt(value)
  // Where value and bound are of one type, bounds of integers are integers: what they have after the point is cut off.
  const bound = (limit: number): number => (isInt && range.holds(limit) ? Math.trunc(limit) : limit)
  const shown = (limit: number): string =>
    isInt && range.holds(limit) && isInt64(limit) ? String(BigInt(limit)) : goFloat(limit)
  const wrong = (text: string): FieldError[] => [inBody(place, value, text)]

  const errors = outOfRange(value, 'Checked')
  if (multipleOf !== undefined) {
    errors.push(...outOfRange(multipleOf, 'MultipleOf'))
    const factor = bound(multipleOf)
    if (factor <= 0) {
      const text = `factor MultipleOf declared for ${place.name} must be positive: ${shown(factor)}`
      errors.push({ ...inBody(place, factor, ''), message: `Invalid value: ${shown(factor)}: ${text}` })
    } else if (!isMultiple(value, factor)) errors.push(...wrong(`should be a multiple of ${shown(factor)}`))
  }
  if (minimum !== undefined) {
    errors.push(...outOfRange(minimum, 'Minimum boundary'))
    const limit = bound(minimum)
    if (exclusiveMinimum ? value <= limit : value < limit)
      errors.push(...wrong(`should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${shown(limit)}`))
  }
  if (maximum !== undefined) {
    errors.push(...outOfRange(maximum, 'Maximum boundary'))
    const limit = bound(maximum)
    if (exclusiveMaximum ? value >= limit : value > limit)
      errors.push(...wrong(`should be less than ${exclusiveMaximum ? '' : 'or equal to '}${shown(limit)}`))
  }
  return errors
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (typeof value === 'bigint') return Number.isInteger(factor) && value % BigInt(factor) === 0n
  const times = factor < 1 ? (1 / factor) * value : value / factor
  const rounded = Math.round(times)
  // As close as Go's swag takes for a whole number.
  return (
    Math.abs(times) <= Number.MAX_SAFE_INTEGER && Math.abs(times - rounded) < 1e-9 * Math.abs(rounded || 1)
  )
}

/** Whether the text of a number is one of an int64, also where it is a float. */
function isInt64(value: number | bigint): boolean {
  return typeof value === 'bigint' || (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63)
}

interface NumberRange {
  type: string
  format: string
  holds(value: number | bigint): boolean
}

function rangeOf(schema: Schema): NumberRange {
  const types = wantedTypes(schema)
  const type = types.length === 1 ? types[0]! : ''
  const format = type === 'integer' || type === 'number' ? effectiveFormat(schema) : ''
  if (type === 'integer') {
    const holds = (value: number | bigint): boolean =>
      format === 'int32' ? Number.isInteger(value) && value >= -int32 && value < int32 : isInt64(value)
    return { type, format, holds }
  }
  return { type, format, holds: (value) => format !== 'float' || Math.abs(Number(value)) <= maxFloat32 }
}
