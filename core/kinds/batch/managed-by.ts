import type { FieldError } from '../../api/status.ts'
import { invalidFor, invalidValue, required, tooLong } from '../validation/field-errors.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'

const pathForm = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

/** A controller's name such as `acme.io/jobs` (upstream: IsDomainPrefixedPath, at most 63 bytes). */
export function validateManagedBy(value: string | undefined, path: string): FieldError[] {
  if (value === undefined) return []
  if (value === '') return [required(path)]
  const slash = value.indexOf('/')
  const [domain, rest] = [value.slice(0, slash), value.slice(slash + 1)]
  if (slash <= 0 || rest === '') {
    return [invalidValue(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  const errors = invalidFor(path, domain, checkDns1123Subdomain(domain))
  if (!new RegExp(`^${pathForm}$`).test(rest)) {
    errors.push(invalidValue(path, rest, `Invalid path (regex used for validation is '${pathForm}')`))
  }
  if (Buffer.byteLength(value) > 63) errors.push(tooLong(path, 63))
  return errors
}
