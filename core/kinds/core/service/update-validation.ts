import type { LoadBalancerIngress, Service, ServiceSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../../validation/formats.ts'
import { checkIp } from '../../validation/ip-address.ts'
import { isHeadless } from './cluster-ip-validation.ts'
import { validateLoadBalancerClass } from './validation.ts'
import { needsHealthCheck } from '../../../api/service-traffic.ts'

const ipModes = ['Proxy', 'VIP']
const unchangeable = 'may not change once set'

/** What may change in a Service (upstream: validation.go ValidateServiceUpdate). */
export function validateServiceUpdate({ spec }: Service, { spec: old }: Service): FieldError[] {
  const errors = [...validateIps(spec, old), ...validateFamilies(spec, old)]
  const stays = spec.type === 'LoadBalancer' && old.type === 'LoadBalancer'
  if (stays && spec.loadBalancerClass !== old.loadBalancerClass) {
    errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass, unchangeable))
  }
  // Upstream judges it once for itself and once as a part of the whole.
  errors.push(...validateLoadBalancerClass(spec))
  const isChecked = needsHealthCheck(spec) && needsHealthCheck(old)
  if (isChecked && spec.healthCheckNodePort !== old.healthCheckNodePort) {
    errors.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'))
  }
  return errors
}

/** Addresses stay for as long as the type has any; the second may come and go. */
function validateIps(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return []
  if (isHeadless(spec) && isHeadless(old)) return []
  const [after, before] = [spec.clusterIPs ?? [], old.clusterIPs ?? []]
  const refuse = (at: number, why: string): FieldError =>
    invalidValue(`spec.clusterIPs[${at}]`, spec.clusterIPs, why)
  if (after.length === before.length) {
    return before.flatMap((ip, at) => (ip === after[at] ? [] : [refuse(at, unchangeable)]))
  }
  if (before.length === 0) return []
  if (after.length === 0) return [refuse(0, 'primary clusterIP can not be unset')]
  const errors = after[0] === before[0] ? [] : [refuse(0, unchangeable)]
  const isReleased = after.length === 1 && before.length > 1
  return isReleased ? [...errors, ...validateSingleStack(spec, 'clusterIP')] : errors
}

function validateFamilies(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return []
  if (isHeadless(spec) || isHeadless(old)) return []
  const [after, before] = [spec.ipFamilies ?? [], old.ipFamilies ?? []]
  const path = 'spec.ipFamilies[0]'
  if (after.length === before.length) {
    return before.flatMap((family, at) =>
      family === after[at] ? [] : [invalidValue(path, spec.ipFamilies, unchangeable)],
    )
  }
  const errors: FieldError[] = []
  const isFewer = after.length < before.length
  if (isFewer && !spec.clusterIPs?.length) {
    errors.push(invalidValue(path, spec.ipFamilies, 'primary ipFamily can not be unset'))
  }
  // Upstream shows the addresses where it means the families.
  if (before.length > 0 && after.length > 0 && after[0] !== before[0]) {
    errors.push(invalidValue(path, spec.clusterIPs, unchangeable))
  }
  return isFewer && after.length === 1 ? [...errors, ...validateSingleStack(spec, 'ipFamily')] : errors
}

function validateSingleStack({ ipFamilyPolicy }: ServiceSpec, released: string): FieldError[] {
  if (ipFamilyPolicy === 'SingleStack') return []
  const why = `must be set to 'SingleStack' when releasing the secondary ${released}`
  return [invalidValue('spec.ipFamilyPolicy', ipFamilyPolicy, why)]
}

/** What a load balancer has got (upstream: ValidateLoadBalancerStatus). */
export function validateServiceStatus({ spec, status }: Service): FieldError[] {
  const ingress = status?.loadBalancer?.ingress ?? []
  const path = 'status.loadBalancer.ingress'
  if (spec.type !== 'LoadBalancer' && ingress.length > 0) {
    return [forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  return ingress.flatMap((one, at) => validateIngress(one, `${path}[${at}]`))
}

function validateIngress({ ip, ipMode, hostname }: LoadBalancerIngress, path: string): FieldError[] {
  const errors = ip ? invalidFor(`${path}.ip`, ip, checkIp(ip)) : []
  const where = `${path}.ipMode`
  if (ipMode === undefined) {
    if (ip) errors.push(required(where, 'must be specified when `ip` is set'))
  } else if (!ip) errors.push(forbiddenField(where, 'may not be specified when `ip` is not set'))
  else if (!ipModes.includes(ipMode)) errors.push(notSupported(where, ipMode, ipModes))
  if (!hostname) return errors
  errors.push(...invalidFor(`${path}.hostname`, hostname, checkDns1123Subdomain(hostname)))
  if (checkIp(hostname).length > 0) return errors
  return [...errors, invalidValue(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address')]
}
