import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, required, tooLong } from '../../../api/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../../validation/formats.ts'

const longestDomain = 253
/** A domain, a slash, a namespace, a dot and a name. */
const longestName = 253 + 1 + 63 + 1 + 253

/**
 * The name of a signer: `example.com/signer`, a domain of two labels or more and a path whose parts between dots are
 * subdomains (upstream: pkg/apis/core/validation ValidateSignerName). Of each side only the first wrong part is told of.
 */
export function validateSignerName(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)]
  const [domain = '', rest, ...more] = name.split('/')
  if (rest === undefined || more.length > 0) {
    const why = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
    return [invalidValue(path, name, why)]
  }
  const errors = Buffer.byteLength(domain) > longestDomain ? [tooLong(path, longestDomain)] : []
  const labels = domain.split('.')
  errors.push(...validateFirst(labels, { check: checkDns1123Label, value: domain }, path))
  if (labels.length < 2) {
    const why = 'should be a domain with at least two segments separated by dots'
    errors.push(invalidValue(path, domain, why))
  }
  errors.push(...validateFirst(rest.split('.'), { check: checkDns1123Subdomain, value: rest }, path))
  return Buffer.byteLength(name) > longestName ? [...errors, tooLong(path, longestName)] : errors
}

function validateFirst(
  parts: string[],
  side: { check: (part: string) => string[]; value: string },
  path: string,
): FieldError[] {
  const part = parts.find((one) => side.check(one).length > 0)
  if (part === undefined) return []
  const problems = side.check(part).map((why) => `validating label ${JSON.stringify(part)}: ${why}`)
  return invalidFor(path, side.value, problems)
}
