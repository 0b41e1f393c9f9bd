import type { ServiceSpec } from './generated/core-v1.ts'

/** Whether a Service can be reached from outside the cluster (upstream: pkg/api/service ExternallyAccessible). */
export function isExternallyAccessible({ type, externalIPs }: ServiceSpec): boolean {
  if (type === 'NodePort' || type === 'LoadBalancer') return true
  return type === 'ClusterIP' && !!externalIPs?.length
}

/**
 * Whether load balancers must find out which nodes have endpoints, at a node port of its own (upstream: pkg/api/service
 * NeedsHealthCheck).
 */
export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}
