import type { PodSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, required, tooMany } from '../../validation/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../../validation/formats.ts'
import { checkIp } from '../../validation/ip-address.ts'

/** How the pod is named and finds names: hostname, subdomain, hostAliases, dnsConfig. */
export function validatePodDns(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { hostname, subdomain, hostAliases, dnsConfig, dnsPolicy } = spec
  if (hostname) errors.push(...invalidFor(`${path}.hostname`, hostname, checkDns1123Label(hostname)))
  if (subdomain) errors.push(...invalidFor(`${path}.subdomain`, subdomain, checkDns1123Label(subdomain)))
  for (const [at, { ip, hostnames }] of (hostAliases ?? []).entries()) {
    errors.push(...invalidFor(`${path}.hostAliases[${at}].ip`, ip ?? '', checkIp(ip ?? '')))
    for (const name of hostnames ?? []) {
      errors.push(...invalidFor(`${path}.hostAliases[${at}].hostnames`, name, checkDns1123Subdomain(name)))
    }
  }
  const nameservers = dnsConfig?.nameservers ?? []
  if (dnsPolicy === 'None' && !dnsConfig) {
    errors.push(required(`${path}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None'))
  } else if (dnsPolicy === 'None' && nameservers.length === 0) {
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    errors.push(required(`${path}.dnsConfig.nameservers`, why))
  }
  if (nameservers.length > 3) {
    errors.push(
      invalidValue(`${path}.dnsConfig.nameservers`, nameservers, 'must not have more than 3 nameservers'),
    )
  }
  for (const [at, ip] of nameservers.entries()) {
    errors.push(...invalidFor(`${path}.dnsConfig.nameservers[${at}]`, ip, checkIp(ip)))
  }
  const searches = dnsConfig?.searches ?? []
  if (searches.length > 32) errors.push(tooMany(`${path}.dnsConfig.searches`, searches.length, 32))
  for (const [at, { name }] of (dnsConfig?.options ?? []).entries()) {
    if (!name) errors.push(required(`${path}.dnsConfig.options[${at}]`, 'must not be empty'))
  }
  return errors
}
