import { goJson, goNumber, goQuote, isNumber } from './go-text.ts'
import type { FieldError } from './status.ts'

/** Constructors of field errors with upstream's wording (apimachinery/pkg/util/validation/field/errors.go). */

function withDetail(text: string, detail: string | undefined): string {
  return detail ? `${text}: ${detail}` : text
}

/** Texts and numbers are shown as Go prints them, everything else as JSON; absent values as null. */
function shown(value: unknown): string {
  if (typeof value === 'string') return goQuote(value)
  return isNumber(value) ? goNumber(value) : goJson(value ?? null)
}

/** A value that must be there is not. */
export function required(field: string, detail?: string): FieldError {
  return { type: 'FieldValueRequired', field, message: withDetail('Required value', detail) }
}

/** A value that is malformed or out of bounds. */
export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: withDetail(`Invalid value: ${shown(value)}`, detail) }
}

/** A value that is wrong together with others; it is not shown (upstream: OmitValueType). */
export function wrongField(field: string, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` }
}

/** A value that is none of an enumeration's. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map(goQuote).join(', ')
  const message = withDetail(`Unsupported value: ${shown(value)}`, list && `supported values: ${list}`)
  return { type: 'FieldValueNotSupported', field, message }
}

/** A value that must be unique and is not. */
export function duplicate(field: string, value: unknown, detail?: string): FieldError {
  const message = withDetail(`Duplicate value: ${shown(value)}`, detail)
  return { type: 'FieldValueDuplicate', field, message }
}

/** A well-formed value that is not allowed here. */
export function forbiddenField(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: withDetail('Forbidden', detail) }
}

/** A reference within the object that leads nowhere. */
export function notFoundValue(field: string, value: unknown, detail?: string): FieldError {
  return { type: 'FieldValueNotFound', field, message: withDetail(`Not found: ${shown(value)}`, detail) }
}

/** A text of too many bytes. */
export function tooLong(field: string, maxBytes: number): FieldError {
  const unit = maxBytes === 1 ? 'byte' : 'bytes'
  return { type: 'FieldValueTooLong', field, message: `Too long: may not be more than ${maxBytes} ${unit}` }
}

/** A list of too many items. */
export function tooMany(field: string, count: number, max: number): FieldError {
  const unit = max === 1 ? 'item' : 'items'
  return { type: 'FieldValueTooMany', field, message: `Too many: ${count}: must have at most ${max} ${unit}` }
}

/** The value may not change once it is set. */
export function immutable(field: string, value: unknown): FieldError {
  return invalidValue(field, value, 'field is immutable')
}

/** One `invalidValue` for each message. */
export function invalidFor(field: string, value: unknown, messages: string[]): FieldError[] {
  return messages.map((message) => invalidValue(field, value, message))
}
