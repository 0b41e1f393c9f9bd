import type { Service } from '../api/generated/core-v1.ts'
import { needsHealthCheck } from '../api/service-traffic.ts'

const typesWithIp = new Set(['ClusterIP', 'NodePort', 'LoadBalancer'])

/** Whether the Service is to have an address: it is neither headless nor a mere name. */
export function needsClusterIp({ spec }: Service): boolean {
  return typesWithIp.has(spec.type ?? '') && spec.clusterIPs?.[0] !== 'None'
}

/** Whether each of its ports is to have a port on every node. */
export function needsNodePorts({ spec }: Service): boolean {
  if (spec.type === 'NodePort') return true
  return spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false
}

/**
 * A PUT that leaves out what was allocated keeps it, so that manifests can be applied again as they were written
 * (upstream: pkg/registry/core/service/storage patchAllocatedValues).
 */
export function keepAllocated(service: Service, old: Service): void {
  const { spec } = service
  if (typesWithIp.has(spec.type ?? '') && typesWithIp.has(old.spec.type ?? '')) {
    if (!spec.clusterIP && old.spec.clusterIP) spec.clusterIP = old.spec.clusterIP
    if (!spec.clusterIPs?.length && old.spec.clusterIPs) spec.clusterIPs = [...old.spec.clusterIPs]
    if (!spec.ipFamilies?.length && old.spec.ipFamilies) spec.ipFamilies = [...old.spec.ipFamilies]
    if (!spec.ipFamilyPolicy && old.spec.ipFamilyPolicy) spec.ipFamilyPolicy = old.spec.ipFamilyPolicy
  }
  if (needsHealthCheck(spec) && needsHealthCheck(old.spec) && old.spec.healthCheckNodePort) {
    spec.healthCheckNodePort ||= old.spec.healthCheckNodePort
  }
  if (!needsNodePorts(service) || !needsNodePorts(old)) return
  const used = new Set((spec.ports ?? []).map((port) => port.nodePort))
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue
    const before = old.spec.ports?.find((one) => one.port === port.port && one.protocol === port.protocol)
    if (before?.nodePort && !used.has(before.nodePort)) port.nodePort = before.nodePort
  }
}

/**
 * Who only knows the older `clusterIP` means both it and `clusterIPs`; the list alone is for validation to refuse (upstream:
 * normalizeClusterIPs).
 */
export function normalizeClusterIps({ spec }: Service, old: Service | undefined): void {
  const isCleared = (spec.clusterIP ?? '') === ''
  if (!old) {
    if (!isCleared && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP!]
    return
  }
  const before = old.spec
  const isSameIp = (spec.clusterIP ?? '') === (before.clusterIP ?? '')
  if (isSameIp && before.clusterIPs?.length && !spec.clusterIPs?.length) {
    spec.clusterIPs = [...before.clusterIPs]
    return
  }
  const isSameList = JSON.stringify(spec.clusterIPs ?? []) === JSON.stringify(before.clusterIPs ?? [])
  if (isSameIp || !isSameList) return
  if (isCleared) delete spec.clusterIPs
  else spec.clusterIPs = [spec.clusterIP!]
}
