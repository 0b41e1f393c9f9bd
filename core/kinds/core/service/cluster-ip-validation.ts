import type { ServiceSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, invalidFor, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { checkIp, ipFamily } from '../../validation/ip-address.ts'
import { repeats } from '../../validation/repeats.ts'

const families = ['IPv4', 'IPv6']
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

/** Whether a Service has no address of its own, only those of its endpoints. */
export function isHeadless({ clusterIPs }: ServiceSpec): boolean {
  return clusterIPs?.length === 1 && clusterIPs[0] === 'None'
}

/** Addresses and families of a Service (upstream: validation.go ValidateServiceClusterIPsRelatedFields). */
export function validateClusterIps(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const { ipFamilyPolicy: policy } = spec
  const errors = [...validateFirst(spec), ...validateFamilies(spec.ipFamilies ?? [])]
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', policy, policies))
  }
  const addresses = validateAddresses(spec.clusterIPs ?? [])
  errors.push(...addresses.errors)
  // What follows from addresses that are none would only confuse.
  return addresses.areWrong ? errors : [...errors, ...validatePairs(spec)]
}

/** The older field names the first of the addresses. */
function validateFirst({ clusterIP = '', clusterIPs = [] }: ServiceSpec): FieldError[] {
  const path = 'spec.clusterIPs'
  if (clusterIP === '') {
    if (clusterIPs.length === 0) return []
    return [invalidValue(path, clusterIPs, 'must be empty when `clusterIP` is not specified')]
  }
  if (clusterIPs.length === 0) return [required(path)]
  if (clusterIPs[0] === clusterIP) return []
  return [invalidValue(path, clusterIPs, 'first value must match `clusterIP`')]
}

function validateFamilies(list: string[]): FieldError[] {
  const repeated = repeats(list)
  return list.flatMap((family, at) => {
    const path = `spec.ipFamilies[${at}]`
    const errors = families.includes(family) ? [] : [notSupported(path, family, families)]
    return repeated.has(at) ? [...errors, duplicate(path, family)] : errors
  })
}

function validateAddresses(ips: string[]): { errors: FieldError[]; areWrong: boolean } {
  const path = 'spec.clusterIPs'
  const errors = ips.flatMap((ip, at) => {
    if (at > 0 || ip !== 'None') return invalidFor(`${path}[${at}]`, ip, checkIp(ip))
    return ips.length > 1 ? [invalidValue(path, ips, "'None' must be the first and only value")] : []
  })
  const areWrong = errors.length > 0
  if (ips.length > 2) errors.push(invalidValue(path, ips, 'may only hold up to 2 values'))
  return { errors, areWrong }
}

/** One address of each family, in the order of the families. */
function validatePairs(spec: ServiceSpec): FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec
  const errors: FieldError[] = []
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(ipFamily)).size < 2) {
    const why = 'may specify no more than one IP for each IP family'
    errors.push(invalidValue('spec.clusterIPs', clusterIPs, why))
  }
  if (isHeadless(spec)) return errors
  for (const [at, ip] of clusterIPs.entries()) {
    const family = ipFamilies[at]
    if (family === undefined || !families.includes(family) || family === ipFamily(ip)) continue
    const why = `expected an ${family} value as indicated by \`ipFamilies[${at}]\``
    errors.push(invalidValue(`spec.clusterIPs[${at}]`, ip, why))
  }
  return errors
}
