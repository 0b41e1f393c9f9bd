import { invalidValue, tooLong } from '../../api/field-errors.ts'
import type { ManagedFieldsEntry } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'

export const maxManagerBytes = 128
const maxSubresourceBytes = 256
/** Of most managers nothing more needs to be looked at. */
const plain = /^[\x20-\x7e]{0,128}$/
/** What Go's unicode.IsPrint takes. */
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

/** What is wrong with the name of a field manager (upstream: meta/v1/validation ValidateFieldManager). */
export function validateFieldManager(manager: string, field: string): FieldError[] {
  if (plain.test(manager)) return []
  const errors: FieldError[] = []
  if (Buffer.byteLength(manager) > maxManagerBytes) errors.push(tooLong(field, maxManagerBytes))
  let position = 0
  for (const character of manager) {
    if (!printable.test(character)) {
      const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
      errors.push(invalidValue(field, manager, `invalid character ${code} (at position ${position})`))
    }
    position += Buffer.byteLength(character)
  }
  return errors
}

/** What is wrong with an object's managedFields (upstream: meta/v1/validation ValidateManagedFields). */
export function validateManagedFields(entries: readonly ManagedFieldsEntry[] | undefined): FieldError[] {
  const errors: FieldError[] = []
  for (const [at, { manager = '', operation = '', fieldsType, subresource = '' }] of (
    entries ?? []
  ).entries()) {
    const field = `metadata.managedFields[${at}]`
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(invalidValue(`${field}.operation`, operation, 'must be `Apply` or `Update`'))
    }
    if (fieldsType && fieldsType !== 'FieldsV1') {
      errors.push(invalidValue(`${field}.fieldsType`, fieldsType, 'must be `FieldsV1`'))
    }
    errors.push(...validateFieldManager(manager, `${field}.manager`))
    if (Buffer.byteLength(subresource) > maxSubresourceBytes) {
      errors.push(tooLong(`${field}.subresource`, maxSubresourceBytes))
    }
  }
  return errors
}

/**
 * Whether entries that a client sent can be gone by; where not, upstream takes them as if they had not been sent
 * (util/managedfields DecodeManagedFields).
 */
export function areManagedFieldsReadable(entries: readonly ManagedFieldsEntry[]): boolean {
  return entries.every(
    ({ operation, apiVersion, fieldsType, fieldsV1 }) =>
      (operation === 'Apply' || operation === 'Update') &&
      Boolean(apiVersion) &&
      fieldsType === 'FieldsV1' &&
      (fieldsV1 === undefined || isFieldsV1(fieldsV1)),
  )
}

function isFieldsV1(fields: unknown): boolean {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return false
  return Object.entries(fields).every(
    ([element, value]) => element === '.' || (isElement(element) && isFieldsV1(value)),
  )
}

/** Elements of kinds that are not known yet are nobody's business (structured-merge-diff: serialize-pe.go). */
function isElement(element: string): boolean {
  if (element[1] !== ':') return false
  const rest = element.slice(2)
  switch (element[0]) {
    case 'v':
      return parsed(rest) !== undefined
    case 'k': {
      const key = parsed(rest)
      return typeof key === 'object' && key !== null && !Array.isArray(key)
    }
    case 'i':
      return /^-?\d+$/.test(rest)
    default:
      return true
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
