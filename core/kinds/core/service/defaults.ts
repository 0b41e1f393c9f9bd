import type { Service, ServiceSpec } from '../../../api/generated/core-v1.ts'
import { jsonEqual } from '../../../registry/json-equal.ts'
import { trafficPolicies } from './traffic-validation.ts'
import { isExternallyAccessible, needsHealthCheck } from '../../../api/service-traffic.ts'

const clientIpSeconds = 10_800
const withNodePorts = new Set(['NodePort', 'LoadBalancer'])
const typesWithIp = new Set(['ClusterIP', ...withNodePorts])

/** Defaults (upstream: pkg/apis/core/v1/defaults.go SetDefaults_Service). Addresses are admission's to give. */
export function defaultService(service: Service): void {
  service.spec ??= {}
  const { spec } = service
  spec.type ||= 'ClusterIP'
  spec.sessionAffinity ||= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (
    spec.sessionAffinity === 'ClientIP' &&
    spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined
  ) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: clientIpSeconds } }
  }
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP'
    port.targetPort ||= port.port
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster'
  if (typesWithIp.has(spec.type)) spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) {
    if (ingress.ip) ingress.ipMode ??= 'VIP'
  }
}

/** A mere name has no traffic inside: what is said of that is not shown (upstream: storage.go defaultOnReadInternalTrafficPolicy). */
export function dropUnshownFields({ spec }: Service): void {
  const isKnown = trafficPolicies.includes(spec.internalTrafficPolicy ?? '')
  if (spec.type === 'ExternalName' && isKnown) delete spec.internalTrafficPolicy
}

/**
 * What a Service had because of its type or policy goes when it no longer needs it, unless the writer changed it on purpose
 * (upstream: pkg/registry/core/service/strategy.go dropTypeDependentFields).
 */
export function dropTypeDependentFields({ spec }: Service, { spec: old }: Service): void {
  const [type = '', before = ''] = [spec.type, old.type]
  if (before !== 'ExternalName' && type === 'ExternalName') {
    if (spec.clusterIP === old.clusterIP && jsonEqual(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    dropUnchanged(spec, old, ['ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'])
  }
  if (withNodePorts.has(before) && !withNodePorts.has(type)) {
    const known = new Set((old.ports ?? []).map((port) => port.nodePort))
    const unchanged = (spec.ports ?? []).every((port) => !port.nodePort || known.has(port.nodePort))
    if (unchanged) for (const port of spec.ports ?? []) delete port.nodePort
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec)) dropUnchanged(spec, old, ['healthCheckNodePort'])
  if (before === 'LoadBalancer' && type !== 'LoadBalancer') {
    dropUnchanged(spec, old, ['allocateLoadBalancerNodePorts', 'loadBalancerClass'])
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec)) {
    dropUnchanged(spec, old, ['externalTrafficPolicy'])
  }
}

function dropUnchanged(spec: ServiceSpec, old: ServiceSpec, names: (keyof ServiceSpec)[]): void {
  for (const name of names) {
    if (jsonEqual(spec[name], old[name])) delete spec[name]
  }
}
