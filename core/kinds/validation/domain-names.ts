import type { FieldError } from '../../api/status.ts'
import { invalidFor, invalidValue, required } from '../../api/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain, regexError } from './formats.ts'

const wildcardForm = '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'
const pathForm = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const prefixedPathMessage = 'must be a domain-prefixed path (such as "acme.io/foo")'

/** `*.example.com` (upstream: IsWildcardDNS1123Subdomain). */
export function checkWildcardSubdomain(value: string): string[] {
  if (value.startsWith('*.') && checkDns1123Subdomain(value.slice(2)).length === 0) return []
  return [
    regexError(
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
      wildcardForm,
      '*.example.com',
    ),
  ]
}

/** `acme.io/foo`: the name of an ingress controller or a signer (upstream: IsDomainPrefixedPath). */
export function validateDomainPrefixedPath(value: string | undefined, path: string): FieldError[] {
  if (!value) return [required(path)]
  const slash = value.indexOf('/')
  if (slash <= 0 || slash === value.length - 1) return [invalidValue(path, value, prefixedPathMessage)]
  const [host, rest] = [value.slice(0, slash), value.slice(slash + 1)]
  const errors = invalidFor(path, host, checkDns1123Subdomain(host))
  return new RegExp(`^(?:${pathForm})$`).test(rest)
    ? errors
    : [...errors, invalidValue(path, rest, regexError('Invalid path', pathForm))]
}

/** A host name of at least two labels, with or without the dot at its end (upstream: IsFullyQualifiedDomainName). */
export function validateDomainName(value: string, path: string): FieldError[] {
  if (value === '') return [required(path)]
  const name = value.replace(/\.$/, '')
  const problems = checkDns1123Subdomain(name)
  if (problems.length > 0) return [invalidValue(path, name, problems.join(','))]
  const labels = name.split('.')
  if (labels.length < 2) {
    return [invalidValue(path, name, 'should be a domain with at least two segments separated by dots')]
  }
  const long = labels.find((label) => checkDns1123Label(label).length > 0)
  return long === undefined ? [] : [invalidValue(path, long, checkDns1123Label(long).join(','))]
}

/** A domain of at least three segments: the name of a webhook (upstream: IsFullyQualifiedName). */
export function validateFullyQualifiedName(value: string | undefined, path: string): FieldError[] {
  if (!value) return [required(path)]
  const problems = checkDns1123Subdomain(value)
  if (problems.length > 0) return [invalidValue(path, value, problems.join(','))]
  return value.split('.').length < 3
    ? [invalidValue(path, value, 'should be a domain with at least three segments separated by dots')]
    : []
}
