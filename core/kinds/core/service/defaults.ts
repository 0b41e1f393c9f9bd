import type { Service } from '../../../api/generated/core-v1.ts'

const clientIpSeconds = 10_800
const withNodePorts = new Set(['NodePort', 'LoadBalancer'])

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
  const external = withNodePorts.has(spec.type) || (spec.type === 'ClusterIP' && !!spec.externalIPs?.length)
  if (external) spec.externalTrafficPolicy ||= 'Cluster'
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) {
    if (ingress.ip) ingress.ipMode ??= 'VIP'
  }
}

/**
 * When the type changes, fields that only the old type had go with it unless the writer changed them on purpose
 * (upstream: pkg/registry/core/service/strategy.go dropTypeDependentFields).
 */
export function dropTypeDependentFields(service: Service, old: Service): void {
  const { spec } = service
  const [type = '', before = ''] = [spec.type, old.spec.type]
  if (before !== 'ExternalName' && type === 'ExternalName' && spec.clusterIP === old.spec.clusterIP) {
    delete spec.clusterIP
    delete spec.clusterIPs
    delete spec.ipFamilies
    delete spec.ipFamilyPolicy
    delete spec.internalTrafficPolicy
  }
  if (withNodePorts.has(before) && !withNodePorts.has(type)) {
    const known = new Set((old.spec.ports ?? []).map((port) => port.nodePort))
    const unchanged = (spec.ports ?? []).every((port) => !port.nodePort || known.has(port.nodePort))
    if (unchanged) for (const port of spec.ports ?? []) delete port.nodePort
    if (!spec.externalIPs?.length && spec.externalTrafficPolicy === old.spec.externalTrafficPolicy) {
      delete spec.externalTrafficPolicy
    }
  }
  if (before === 'LoadBalancer' && type !== 'LoadBalancer') {
    delete spec.allocateLoadBalancerNodePorts
    if (spec.loadBalancerClass === old.spec.loadBalancerClass) delete spec.loadBalancerClass
    if (spec.healthCheckNodePort === old.spec.healthCheckNodePort) delete spec.healthCheckNodePort
  }
}
