import type { Service, ServicePort, ServiceSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { deepEqual } from '../../validation/deep-equal.ts'
import {
  duplicate,
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-errors.ts'
import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkPortName,
  checkPortNumber,
} from '../../validation/formats.ts'
import { checkIp } from '../../validation/ip-address.ts'
import { validateLabels } from '../../validation/label-selector.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const affinities = ['ClientIP', 'None']
const protocols = ['SCTP', 'TCP', 'UDP']
const policies = ['Cluster', 'Local']
const maxAffinitySeconds = 86_400

/** A Service's spec (upstream: pkg/apis/core/validation/validation.go ValidateService). */
export function validateService({ spec }: Service): FieldError[] {
  const { type = '', clusterIPs = [], ports = [] } = spec
  const headless = clusterIPs[0] === 'None'
  const errors: FieldError[] = []
  if (ports.length === 0 && !headless && type !== 'ExternalName') errors.push(required('spec.ports'))
  if (!types.includes(type)) errors.push(notSupported('spec.type', type, types))
  if (headless && (type === 'LoadBalancer' || type === 'NodePort')) {
    const why = `may not be set to 'None' for ${type} services`
    errors.push(invalidValue('spec.clusterIPs[0]', clusterIPs[0], why))
  }
  if (type === 'ExternalName') errors.push(...validateExternalName(spec))
  errors.push(...validatePorts(ports, type))
  errors.push(...validateLabels(spec.selector, 'spec.selector'))
  errors.push(...validateAffinity(spec))
  for (const [at, ip] of clusterIPs.entries()) {
    if (ip !== 'None') errors.push(...invalidFor(`spec.clusterIPs[${at}]`, ip, checkIp(ip)))
  }
  for (const [at, ip] of (spec.externalIPs ?? []).entries()) {
    errors.push(...invalidFor(`spec.externalIPs[${at}]`, ip, checkIp(ip)))
  }
  return [...errors, ...validateTraffic(spec)]
}

/** A cluster IP stays for as long as the Service has a type with one (upstream: ValidateServiceUpdate). */
export function validateServiceUpdate({ spec }: Service, { spec: old }: Service): FieldError[] {
  const before = old.clusterIPs?.[0]
  if (!before || spec.type === 'ExternalName' || old.type === 'ExternalName') return []
  const after = spec.clusterIPs?.[0]
  if (after === before) return []
  const why = after ? 'may not change once set' : 'primary clusterIP can not be unset'
  return [invalidValue('spec.clusterIPs[0]', spec.clusterIPs ?? [], why)]
}

function validateExternalName({ clusterIPs, externalName }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = []
  if (clusterIPs?.length)
    errors.push(forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services'))
  if (!externalName) errors.push(required('spec.externalName'))
  else {
    const host = externalName.replace(/\.$/, '')
    errors.push(...invalidFor('spec.externalName', externalName, checkDns1123Subdomain(host)))
  }
  return errors
}

function validatePorts(ports: ServicePort[], type: string): FieldError[] {
  const names = new Set<string>()
  const places = new Set<string>()
  return ports.flatMap((port, at) => {
    const where = `spec.ports[${at}]`
    const { name, protocol, targetPort, nodePort } = port
    const errors: FieldError[] = []
    if (name) {
      errors.push(...invalidFor(`${where}.name`, name, checkDns1123Label(name)))
      if (names.has(name)) errors.push(duplicate(`${where}.name`, name))
      names.add(name)
    } else if (ports.length > 1) errors.push(required(`${where}.name`))
    errors.push(...invalidFor(`${where}.port`, port.port ?? 0, checkPortNumber(port.port ?? 0)))
    if (!protocol) errors.push(required(`${where}.protocol`))
    else if (!protocols.includes(protocol))
      errors.push(notSupported(`${where}.protocol`, protocol, protocols))
    if (typeof targetPort === 'string') {
      errors.push(...invalidFor(`${where}.targetPort`, targetPort, checkPortName(targetPort)))
    } else if (targetPort !== undefined) {
      errors.push(...invalidFor(`${where}.targetPort`, targetPort, checkPortNumber(targetPort)))
    }
    if (nodePort && (type === 'ClusterIP' || type === 'ExternalName')) {
      errors.push(forbiddenField(`${where}.nodePort`, `may not be used when \`type\` is '${type}'`))
    }
    const place = `${protocol}/${port.port}`
    if (places.has(place)) errors.push(duplicate(where, port))
    places.add(place)
    return errors
  })
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig, clusterIPs }: ServiceSpec): FieldError[] {
  if (!sessionAffinity) return [required('spec.sessionAffinity')]
  if (!affinities.includes(sessionAffinity)) {
    return [notSupported('spec.sessionAffinity', sessionAffinity, affinities)]
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (sessionAffinity === 'None') {
    if (deepEqual(sessionAffinityConfig, undefined) || clusterIPs?.[0] === 'None') return []
    const why = 'must not be set when session affinity is None'
    return [forbiddenField('spec.sessionAffinityConfig', why)]
  }
  if (seconds !== undefined && seconds > 0 && seconds <= maxAffinitySeconds) return []
  const why = `must be greater than 0 and less than ${maxAffinitySeconds}`
  return [invalidValue('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, why)]
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy, internalTrafficPolicy, type } = spec
  const errors: FieldError[] = []
  const external = type === 'NodePort' || type === 'LoadBalancer' || !!spec.externalIPs?.length
  if (externalTrafficPolicy !== undefined) {
    if (!external) {
      const why = 'may only be set for externally-accessible services'
      errors.push(invalidValue('spec.externalTrafficPolicy', externalTrafficPolicy, why))
    } else if (!policies.includes(externalTrafficPolicy)) {
      errors.push(notSupported('spec.externalTrafficPolicy', externalTrafficPolicy, policies))
    }
  } else if (external) errors.push(required('spec.externalTrafficPolicy'))
  if (internalTrafficPolicy !== undefined && !policies.includes(internalTrafficPolicy)) {
    errors.push(notSupported('spec.internalTrafficPolicy', internalTrafficPolicy, policies))
  }
  return errors
}
