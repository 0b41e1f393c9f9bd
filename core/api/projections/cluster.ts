import type { Event, Namespace, Node, Service } from '../generated/core-v1.ts'
import { projectConditions } from './workloads.ts'

/** Addresses, ports and selector of a Service. */
export function projectService({ spec, status }: Service): Record<string, unknown> {
  return {
    type: spec?.type ?? 'ClusterIP',
    clusterIP: spec?.clusterIP,
    ports: (spec?.ports ?? []).map(({ name, port, targetPort, nodePort, protocol }) => ({
      ...(name && { name }),
      port,
      targetPort,
      ...(nodePort && { nodePort }),
      protocol: protocol ?? 'TCP',
    })),
    selector: spec?.selector,
    addresses: (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
  }
}

/** Conditions, capacity and taints of a Node. */
export function projectNode({ spec, status }: Node): Record<string, unknown> {
  return {
    conditions: projectConditions(status?.conditions),
    unschedulable: spec?.unschedulable ?? false,
    taints: spec?.taints ?? [],
    capacity: status?.capacity,
    allocatable: status?.allocatable,
    addresses: status?.addresses ?? [],
    kubeletVersion: status?.nodeInfo?.kubeletVersion,
  }
}

/** The phase of a Namespace. */
export function projectNamespace({ status }: Namespace): Record<string, unknown> {
  return { phase: status?.phase ?? 'Active' }
}

/** What happened, to which object, how often and when last (either API's fields). */
export function projectEvent(event: Event): Record<string, unknown> {
  const { involvedObject: object, series } = event
  const seen = series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp
  return {
    type: event.type,
    reason: event.reason,
    message: event.message,
    count: series?.count ?? event.count ?? 1,
    ...(seen && { lastSeen: seen, lastTimestamp: seen }),
    object: { kind: object?.kind, name: object?.name, namespace: object?.namespace, uid: object?.uid },
  }
}
