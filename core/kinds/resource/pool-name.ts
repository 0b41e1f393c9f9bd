import { invalidFor, required, tooLong } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'

const maxBytes = 253

/** A pool of devices: one or more host names with slashes between (upstream: validatePoolName). */
export function validatePoolName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)]
  const errors = name.length > maxBytes ? [tooLong(path, maxBytes)] : []
  return [
    ...errors,
    ...name.split('/').flatMap((part) => invalidFor(path, part, checkDns1123Subdomain(part))),
  ]
}
