import type { FieldError } from '../../../api/status.ts'
import { invalidValue, notSupported, required, tooMany } from '../../../api/field-errors.ts'
import { jsonEqual } from '../../json-equal.ts'
import { formatPath } from '../decode-error.ts'
import type { Schema } from '../schema.ts'
import { hasFormat } from './formats.ts'
import type { PatternMatcher } from './patterns.ts'

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

interface ScalarPlace {
  field: string
  patterns: PatternMatcher
}

function wrong(field: string, value: unknown, text: string): FieldError {
  return invalidValue(field, value, `${field} in body ${text}`)
}

/** Problems of a value by itself: its enumeration, bounds, length, pattern and format. */
export function scalarErrors(schema: Schema, value: unknown, place: ScalarPlace): FieldError[] {
  const errors: FieldError[] = []
  if (typeof value === 'string') errors.push(...stringErrors(schema, value, place))
  if (typeof value === 'number') errors.push(...numberErrors(schema, value, place.field))
  if (schema.enum && !schema.enum.some((allowed) => jsonEqual(allowed, value))) {
    const supported = schema.enum.map((allowed) =>
      typeof allowed === 'string' ? allowed : JSON.stringify(allowed),
    )
    errors.push(notSupported(place.field, value, supported))
  }
  return errors
}

function stringErrors(schema: Schema, value: string, { field, patterns }: ScalarPlace): FieldError[] {
  const { maxLength, minLength, pattern, format } = schema
  const errors: FieldError[] = []
  const needsLength = maxLength !== undefined || minLength !== undefined
  const length = needsLength ? [...value].length : 0
  if (maxLength !== undefined && length > maxLength) {
    const unit = maxLength === 1 ? 'character' : 'characters'
    const message = `Too long: may not be more than ${maxLength} ${unit}`
    errors.push({ type: 'FieldValueTooLong', field, message })
  }
  if (minLength !== undefined && length < minLength) {
    errors.push(wrong(field, value, `should be at least ${minLength} chars long`))
  }
  if (pattern && !patterns.matches(pattern, value)) {
    errors.push(wrong(field, value, `should match '${pattern}'`))
  }
  if (format && hasFormat(format, value) === false) {
    const message = `Invalid value: ${JSON.stringify(value)}: ${field} in body must be of type ${format}: ${JSON.stringify(value)}`
    errors.push({ type: 'FieldValueTypeInvalid', field, message })
  }
  return errors
}

function numberErrors(schema: Schema, value: number, field: string): FieldError[] {
  const { multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = schema
  const errors: FieldError[] = []
  if (multipleOf !== undefined && multipleOf > 0 && !Number.isInteger(value / multipleOf)) {
    errors.push(wrong(field, value, `should be a multiple of ${multipleOf}`))
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    errors.push(
      wrong(field, value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`),
    )
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    errors.push(
      wrong(field, value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`),
    )
  }
  return errors
}

/** Problems of the number of items or members, and members that are missing. */
export function sizeErrors(schema: Schema, value: unknown, path: (string | number)[]): FieldError[] {
  const field = formatPath(path)
  if (Array.isArray(value)) {
    const { minItems, maxItems } = schema
    const errors: FieldError[] = []
    if (minItems !== undefined && value.length < minItems) {
      errors.push(wrong(field, value.length, `should have at least ${minItems} items`))
    }
    if (maxItems !== undefined && value.length > maxItems) {
      errors.push(tooMany(field, value.length, maxItems))
    }
    return errors
  }
  if (!isObject(value)) return []
  const { minProperties, maxProperties } = schema
  const count = Object.keys(value).length
  const errors: FieldError[] = []
  if (minProperties !== undefined && count < minProperties) {
    errors.push(wrong(field, count, `should have at least ${minProperties} properties`))
  }
  if (maxProperties !== undefined && count > maxProperties) errors.push(tooMany(field, count, maxProperties))
  for (const name of schema.required ?? []) {
    if (Object.hasOwn(value, name)) continue
    errors.push(required(formatPath([...path, name])))
  }
  return errors
}
