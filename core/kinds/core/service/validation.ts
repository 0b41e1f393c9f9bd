import type { Service, ServiceSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { checkCidr } from '../../../util/cidr.ts'
import {
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../../api/field-errors.ts'
import { checkDns1123Subdomain, checkQualifiedName } from '../../validation/formats.ts'
import { checkIp, checkOrdinaryIp } from '../../validation/ip-address.ts'
import { validateLabels } from '../../validation/label-selector.ts'
import { isHeadless, validateClusterIps } from './cluster-ip-validation.ts'
import { validateRepeatedPorts, validateServicePorts } from './port-validation.ts'
import { validateTraffic } from './traffic-validation.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const affinities = ['ClientIP', 'None']
const maxAffinitySeconds = 86_400
const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints'
const modeAnnotation = 'service.kubernetes.io/topology-mode'
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'"

/** A Service's spec (upstream: pkg/apis/core/validation/validation.go ValidateService). */
export function validateService(service: Service): FieldError[] {
  const { spec } = service
  return [
    ...validateTopologyAnnotations(service.metadata.annotations ?? {}),
    ...validateShape(spec),
    ...validateServicePorts(spec.ports, 'spec.ports'),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateClusterIps(spec),
    ...(spec.externalIPs ?? []).flatMap((ip, at) => validateExternalIp(ip, `spec.externalIPs[${at}]`)),
    ...validateType(spec.type),
    ...validateRepeatedPorts(spec, 'spec.ports'),
    ...validateSourceRanges(service),
    ...validateNodePortAllocation(spec),
    ...validateLoadBalancerClass(spec),
    ...validateTraffic(spec),
  ]
}

function validateTopologyAnnotations(annotations: Record<string, string>): FieldError[] {
  const [mode, hints] = [annotations[modeAnnotation], annotations[hintsAnnotation]]
  if (mode === undefined || hints === undefined || mode === hints) return []
  const why = `must match annotations[${hintsAnnotation}] when both are specified`
  return [invalidValue(`metadata.annotations[${modeAnnotation}]`, mode, why)]
}

/** What a type needs or cannot have. */
function validateShape(spec: ServiceSpec): FieldError[] {
  const { type = '', ports = [] } = spec
  const errors: FieldError[] = []
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') errors.push(required('spec.ports'))
  if (type === 'ExternalName') return [...errors, ...validateExternalName(spec)]
  if (!isHeadless(spec) || type === 'ClusterIP' || !types.includes(type)) return errors
  return [
    ...errors,
    invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`),
  ]
}

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const set = { clusterIPs: spec.clusterIPs?.length, ipFamilies: spec.ipFamilies?.length }
  const errors = Object.entries({ ...set, ipFamilyPolicy: spec.ipFamilyPolicy })
    .filter(([, value]) => value)
    .map(([name]) => forbiddenField(`spec.${name}`, 'may not be set for ExternalName services'))
  // A dot at the end says that nothing follows.
  const host = (spec.externalName ?? '').replace(/\.$/, '')
  if (host === '') return [...errors, required('spec.externalName')]
  return [...errors, ...invalidFor('spec.externalName', host, checkDns1123Subdomain(host))]
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  if (!sessionAffinity) return [required('spec.sessionAffinity')]
  if (!affinities.includes(sessionAffinity)) {
    return [notSupported('spec.sessionAffinity', sessionAffinity, affinities)]
  }
  const path = 'spec.sessionAffinityConfig'
  if (sessionAffinity === 'None') {
    return config ? [forbiddenField(path, 'must not be set when session affinity is None')] : []
  }
  const seconds = config?.clientIP?.timeoutSeconds
  if (seconds === undefined) {
    const missing = config ? (config.clientIP ? '.clientIP.timeoutSeconds' : '.clientIP') : ''
    return [required(`${path}${missing}`, 'when session affinity type is ClientIP')]
  }
  if (seconds > 0 && seconds <= maxAffinitySeconds) return []
  const why = `must be greater than 0 and less than ${maxAffinitySeconds}`
  return [invalidValue(`${path}.clientIP.timeoutSeconds`, seconds, why)]
}

function validateExternalIp(ip: string, path: string): FieldError[] {
  const errors = invalidFor(path, ip, checkIp(ip))
  return errors.length > 0 ? errors : invalidFor(path, ip, checkOrdinaryIp(ip))
}

function validateType(type: string | undefined): FieldError[] {
  if (!type) return [required('spec.type')]
  return types.includes(type) ? [] : [notSupported('spec.type', type, types)]
}

/** From where a load balancer may be reached, by field or by its older annotation. */
function validateSourceRanges({ metadata, spec }: Service): FieldError[] {
  const { loadBalancerSourceRanges: ranges = [] } = spec
  const text = metadata.annotations?.[rangesAnnotation]
  if (ranges.length === 0 && text === undefined) return []
  const path =
    ranges.length > 0 ? 'spec.LoadBalancerSourceRanges' : `metadata.annotations[${rangesAnnotation}]`
  const given = ranges.length > 0 ? ranges : text!.trim() === '' ? [] : text!.split(',')
  const errors = spec.type === 'LoadBalancer' ? [] : [forbiddenField(path, onlyLoadBalancer)]
  return [
    ...errors,
    ...given.flatMap((range, at) => {
      const where = ranges.length > 0 ? `${path}[${at}]` : path
      return invalidFor(where, range.trim(), checkCidr(range.trim()))
    }),
  ]
}

function validateNodePortAllocation(spec: ServiceSpec): FieldError[] {
  const { allocateLoadBalancerNodePorts: allocates, type } = spec
  if (type === 'LoadBalancer')
    return allocates === undefined ? [required('allocateLoadBalancerNodePorts')] : []
  return allocates === undefined
    ? []
    : [forbiddenField('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer)]
}

/** Who is to balance the load (upstream: validateLoadBalancerClassField). */
export function validateLoadBalancerClass({ loadBalancerClass, type }: ServiceSpec): FieldError[] {
  const path = 'spec.loadBalancerClass'
  if (loadBalancerClass === undefined) return []
  if (type !== 'LoadBalancer') return [forbiddenField(path, onlyLoadBalancer)]
  return invalidFor(path, loadBalancerClass, checkQualifiedName(loadBalancerClass))
}
