import type { FieldError } from '../../api/status.ts'
import { deepEqual } from './deep-equal.ts'
import { forbiddenField, invalidFor } from '../../api/field-errors.ts'
import { checkConfigMapKey } from './formats.ts'

/** A key of a ConfigMap's or Secret's data. */
export function validateDataKey(key: string, path: string): FieldError[] {
  return invalidFor(`${path}[${key}]`, key, checkConfigMapKey(key))
}

/** Once `immutable` is set, neither it nor the named fields may change. */
export function validateImmutableData<T extends { immutable?: boolean }>(
  object: T,
  old: T,
  fields: (keyof T & string)[],
): FieldError[] {
  if (!old.immutable) return []
  const why = 'field is immutable when `immutable` is set'
  const errors = object.immutable ? [] : [forbiddenField('immutable', why)]
  for (const field of fields) {
    if (!deepEqual(object[field], old[field])) errors.push(forbiddenField(field, why))
  }
  return errors
}
