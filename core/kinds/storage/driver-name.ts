import type { FieldError } from '../../api/status.ts'
import { invalidFor, required, tooLong } from '../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'

const maxLength = 63

/** The name of a CSI driver (upstream: pkg/apis/core/validation ValidateCSIDriverName). */
export function validateDriverName(name = '', path: string): FieldError[] {
  if (name === '') return [required(path)]
  const errors = name.length > maxLength ? [tooLong(path, maxLength)] : []
  return [...errors, ...invalidFor(path, name, checkDns1123Subdomain(name.toLowerCase()))]
}
