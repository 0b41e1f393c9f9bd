import type { FieldError } from '../../../api/status.ts'
import { notSupported, required, tooLong, tooMany } from '../../../api/field-errors.ts'
import { goJson } from '../../../api/go-text.ts'
import { jsonEqual } from '../../json-equal.ts'
import type { Schema } from '../schema.ts'
import { inBody } from './place.ts'
import type { ValuePlace } from './place.ts'

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The first rule that a text breaks; its format is another matter (upstream: kube-openapi validate stringValidator). */
export function stringError(schema: Schema, value: string, place: ValuePlace): FieldError | undefined {
  const { maxLength, minLength, pattern } = schema
  const needsLength = maxLength !== undefined || minLength !== undefined
  const length = needsLength ? [...value].length : 0
  if (maxLength !== undefined && length > maxLength) return tooLong(place.field, maxLength)
  if (minLength !== undefined && length < minLength)
    return inBody(place, value, `should be at least ${minLength} chars long`)
  if (pattern && !place.patterns.matches(pattern, value))
    return inBody(place, value, `should match '${pattern}'`)
  return undefined
}

/** A value that is none of an enumeration's. */
export function enumError(schema: Schema, value: unknown, { field }: ValuePlace): FieldError | undefined {
  if (!schema.enum || schema.enum.some((allowed) => jsonEqual(allowed, value))) return undefined
  const supported = schema.enum.map((allowed) => (typeof allowed === 'string' ? allowed : goJson(allowed)))
  return notSupported(field, value, supported)
}

/** Too few or too many items. */
export function itemCountErrors(
  { minItems, maxItems }: Schema,
  value: unknown[],
  place: ValuePlace,
): FieldError[] {
  const count = value.length
  const errors: FieldError[] = []
  if (minItems !== undefined && count < minItems)
    errors.push(inBody(place, count, `should have at least ${minItems} items`))
  if (maxItems !== undefined && count > maxItems) errors.push(tooMany(place.field, count, maxItems))
  return errors
}

/** Too few or too many members. */
export function memberCountErrors(
  { minProperties, maxProperties }: Schema,
  value: Record<string, unknown>,
  place: ValuePlace,
): FieldError[] {
  const count = Object.keys(value).length
  const errors: FieldError[] = []
  if (minProperties !== undefined && count < minProperties)
    errors.push(inBody(place, count, `should have at least ${minProperties} properties`))
  if (maxProperties !== undefined && count > maxProperties)
    errors.push(tooMany(place.field, count, maxProperties))
  return errors
}

/** Members that are missing. */
export function missingMembers(
  schema: Schema,
  value: Record<string, unknown>,
  place: ValuePlace,
): FieldError[] {
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name))
  return missing.map((name) => required(place.child(name).field))
}
