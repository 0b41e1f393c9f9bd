import type { ServiceSpec } from '../../../api/generated/core-v1.ts'
import { isExternallyAccessible, needsHealthCheck } from '../../../api/service-traffic.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { checkPortNumber } from '../../validation/formats.ts'

/** How traffic may be spread. */
export const trafficPolicies = ['Cluster', 'Local']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

/** Where traffic goes (upstream: validation.go validateServiceExternalTrafficPolicy and its neighbours). */
export function validateTraffic(spec: ServiceSpec): FieldError[] {
  return [
    ...validateExternal(spec),
    ...validateHealthCheck(spec),
    ...validateInternal(spec),
    ...validateDistribution(spec),
  ]
}

function validateExternal(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy: policy } = spec
  const path = 'spec.externalTrafficPolicy'
  if (!isExternallyAccessible(spec)) {
    return policy ? [invalidValue(path, policy, 'may only be set for externally-accessible services')] : []
  }
  if (!policy) return [required(path)]
  return trafficPolicies.includes(policy) ? [] : [notSupported(path, policy, trafficPolicies)]
}

function validateHealthCheck(spec: ServiceSpec): FieldError[] {
  const { healthCheckNodePort: port = 0 } = spec
  const path = 'spec.healthCheckNodePort'
  if (needsHealthCheck(spec)) {
    return port === 0 ? [required(path)] : invalidFor(path, port, checkPortNumber(port))
  }
  if (port === 0) return []
  const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  return [invalidValue(path, port, why)]
}

function validateInternal({ internalTrafficPolicy: policy, type = '' }: ServiceSpec): FieldError[] {
  const path = 'spec.internalTrafficPolicy'
  if (policy === undefined) {
    return ['ClusterIP', 'LoadBalancer', 'NodePort'].includes(type) ? [required(path)] : []
  }
  return trafficPolicies.includes(policy) ? [] : [notSupported(path, policy, trafficPolicies)]
}

function validateDistribution({ trafficDistribution: wish }: ServiceSpec): FieldError[] {
  if (wish === undefined || distributions.includes(wish)) return []
  return [notSupported('spec.trafficDistribution', wish, distributions)]
}
