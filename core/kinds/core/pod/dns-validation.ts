import type { PodDNSConfig, PodSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidFor, invalidValue, required, tooLong } from '../../../api/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../../validation/formats.ts'
import { checkIp } from '../../validation/ip-address.ts'

const maxNameservers = 3
const maxSearches = 32
const maxSearchLength = 2048
/** The longest host name of Linux. */
const maxHostNameLength = 64

const searchLabel = '_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?'
const searchDomain = new RegExp(`^${searchLabel}(?:\\.${searchLabel})*$`)

/** Where the pod looks names up (upstream: validation.go validatePodDNSConfig). */
export function validateDnsConfig({ dnsConfig: config, dnsPolicy }: PodSpec, path: string): FieldError[] {
  if (dnsPolicy === 'None') {
    if (!config) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (!config.nameservers?.length) {
      const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
      return [required(`${path}.nameservers`, why)]
    }
  }
  return config ? validateConfig(config, path) : []
}

function validateConfig(
  { nameservers = [], searches = [], options = [] }: PodDNSConfig,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (nameservers.length > maxNameservers) {
    const why = `must not have more than ${maxNameservers} nameservers`
    errors.push(invalidValue(`${path}.nameservers`, nameservers, why))
  }
  for (const [at, ip] of nameservers.entries()) {
    errors.push(...invalidFor(`${path}.nameservers[${at}]`, ip, checkIp(ip)))
  }
  if (searches.length > maxSearches) {
    const why = `must not have more than ${maxSearches} search paths`
    errors.push(invalidValue(`${path}.searches`, searches, why))
  }
  if (searches.join(' ').length > maxSearchLength) {
    const why = `must not have more than ${maxSearchLength} characters (including spaces) in the search list`
    errors.push(invalidValue(`${path}.searches`, searches, why))
  }
  for (const [at, search] of searches.entries()) {
    if (search === '.') continue
    const domain = search.replace(/\.$/, '')
    errors.push(...invalidFor(`${path}.searches[${at}]`, domain, checkSearchDomain(domain)))
  }
  for (const [at, { name }] of options.entries()) {
    if (!name) errors.push(required(`${path}.options[${at}]`, 'must not be empty'))
  }
  return errors
}

/** A domain whose labels may have underscores, such as `_sip._tcp.example.com`. */
function checkSearchDomain(domain: string): string[] {
  return domain.length <= 253 && searchDomain.test(domain) ? [] : checkDns1123Subdomain(domain)
}

/** Names that the pod gives to addresses (upstream: ValidateHostAliases). */
export function validateHostAliases({ hostAliases }: PodSpec, path: string): FieldError[] {
  return (hostAliases ?? []).flatMap(({ ip = '', hostnames = [] }, at) => [
    ...invalidFor(`${path}[${at}].ip`, ip, checkIp(ip)),
    ...hostnames.flatMap((name, index) =>
      invalidFor(`${path}[${at}].hostnames[${index}]`, name, checkDns1123Subdomain(name)),
    ),
  ])
}

/** What the pod calls itself. */
export function validateHostname(spec: PodSpec, path: string): FieldError[] {
  const { hostname, subdomain, hostnameOverride } = spec
  const errors: FieldError[] = []
  if (hostname) errors.push(...invalidFor(`${path}.hostname`, hostname, checkDns1123Label(hostname)))
  if (subdomain) errors.push(...invalidFor(`${path}.subdomain`, subdomain, checkDns1123Label(subdomain)))
  if (hostnameOverride === undefined) return errors
  const where = `${path}.hostnameOverride`
  if (spec.setHostnameAsFQDN) {
    errors.push(forbiddenField(where, 'may not be specified when setHostnameAsFQDN is true'))
  }
  if (spec.hostNetwork) {
    errors.push(forbiddenField(where, 'may not be specified when hostNetwork is true'))
  }
  if (hostnameOverride.length > maxHostNameLength) errors.push(tooLong(where, maxHostNameLength))
  errors.push(...invalidFor(where, hostnameOverride, checkDns1123Subdomain(hostnameOverride)))
  return errors
}
