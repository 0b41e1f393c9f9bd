import type { HorizontalPodAutoscaler } from '../generated/autoscaling-v2.ts'
import type { ResourceQuota } from '../generated/core-v1.ts'
import type { NetworkPolicy } from '../generated/networking-v1.ts'
import type { PodDisruptionBudget } from '../generated/policy-v1.ts'
import { projectConditions } from './workloads.ts'

/** Replicas between which bounds, the last change, and the conditions of a HorizontalPodAutoscaler. */
export function projectAutoscaler({ spec, status }: HorizontalPodAutoscaler): Record<string, unknown> {
  return {
    min: spec?.minReplicas ?? 1,
    max: spec?.maxReplicas,
    current: status?.currentReplicas ?? 0,
    desired: status?.desiredReplicas ?? 0,
    ...(status?.lastScaleTime && { lastScale: status.lastScaleTime }),
    conditions: projectConditions(status?.conditions),
  }
}

/** What a ResourceQuota allows, as far as its controller has taken it up, and what is used of it. */
export function projectResourceQuota({ spec, status }: ResourceQuota): Record<string, unknown> {
  return { hard: status?.hard ?? spec?.hard ?? {}, used: status?.used ?? {} }
}

/** Healthy pods of a PodDisruptionBudget, how many there must be, and how many may go. */
export function projectDisruptionBudget({ status }: PodDisruptionBudget): Record<string, unknown> {
  return {
    healthy: status?.currentHealthy ?? 0,
    desired: status?.desiredHealthy ?? 0,
    expected: status?.expectedPods ?? 0,
    allowed: status?.disruptionsAllowed ?? 0,
  }
}

/** How many rules a NetworkPolicy has for each direction; none is said of a direction that it does not bound. */
export function projectNetworkPolicy({ spec }: NetworkPolicy): Record<string, unknown> {
  const types = spec?.policyTypes ?? []
  return {
    ...(types.includes('Ingress') && { ingress: spec?.ingress?.length ?? 0 }),
    ...(types.includes('Egress') && { egress: spec?.egress?.length ?? 0 }),
  }
}
