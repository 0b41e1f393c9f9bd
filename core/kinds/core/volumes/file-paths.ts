import type { KeyToPath } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, required } from '../../../api/field-errors.ts'

/** A path without `..` (upstream: validation.go validatePathNoBacksteps). */
export function validateNoBacksteps(value: string, path: string): FieldError[] {
  return value.split('/').includes('..') ? [invalidValue(path, value, "must not contain '..'")] : []
}

/** A relative path without `..` (upstream: validateLocalDescendingPath). */
export function validateLocalPath(value: string, path: string): FieldError[] {
  const errors = validateNoBacksteps(value, path)
  return value.startsWith('/') ? [invalidValue(path, value, 'must be a relative path'), ...errors] : errors
}

/** A required relative path that stays inside its folder and does not begin with `..` (upstream: ValidateLocalNonReservedPath). */
export function validateFilePath(value: string | undefined, path: string): FieldError[] {
  if (!value) return [required(path)]
  const errors = validateLocalPath(value, path)
  if (value.startsWith('..') && !value.startsWith('../')) {
    errors.push(invalidValue(path, value, "must not start with '..'"))
  }
  return errors
}

/** Permission bits of a file. */
export function validateMode(mode: number | undefined, path: string): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

/** A key and the file that it becomes (upstream: validateKeyToPath). */
export function validateKeyToPath(item: KeyToPath, path: string): FieldError[] {
  return [
    ...(item.key ? [] : [required(`${path}.key`)]),
    ...validateFilePath(item.path, `${path}.path`),
    ...validateMode(item.mode, `${path}.mode`),
  ]
}
