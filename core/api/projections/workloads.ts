import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../generated/apps-v1.ts'
import type { Condition } from '../meta.ts'

/** `type` and `status` of each condition, with the reason where it is not True. */
export function projectConditions(
  conditions: Array<Partial<Condition> & { type: string; status: string }> | undefined,
): Array<{ type: string; status: string; reason?: string }> {
  return (conditions ?? []).map(({ type, status, reason }) => ({ type, status, ...(reason && { reason }) }))
}

function imagesOf(template: { spec?: { containers?: Array<{ image?: string }> } } | undefined): string[] {
  return (template?.spec?.containers ?? []).flatMap(({ image }) => (image ? [image] : []))
}

/** Replica counts, images and conditions of a Deployment. */
export function projectDeployment({ spec, status }: Deployment): Record<string, unknown> {
  return {
    replicas: {
      desired: spec?.replicas ?? 1,
      updated: status?.updatedReplicas ?? 0,
      ready: status?.readyReplicas ?? 0,
      available: status?.availableReplicas ?? 0,
    },
    images: imagesOf(spec?.template),
    conditions: projectConditions(status?.conditions),
    paused: spec?.paused ?? false,
  }
}

/** Replica counts and images of a ReplicaSet. */
export function projectReplicaSet({ spec, status }: ReplicaSet): Record<string, unknown> {
  return {
    replicas: {
      desired: spec?.replicas ?? 1,
      ready: status?.readyReplicas ?? 0,
      available: status?.availableReplicas ?? 0,
    },
    images: imagesOf(spec?.template),
  }
}

/** Replica counts and images of a StatefulSet. */
export function projectStatefulSet({ spec, status }: StatefulSet): Record<string, unknown> {
  return {
    replicas: {
      desired: spec?.replicas ?? 1,
      updated: status?.updatedReplicas ?? 0,
      ready: status?.readyReplicas ?? 0,
      available: status?.availableReplicas ?? 0,
    },
    images: imagesOf(spec?.template),
  }
}

/** Pod counts and images of a DaemonSet. */
export function projectDaemonSet({ spec, status }: DaemonSet): Record<string, unknown> {
  return {
    replicas: {
      desired: status?.desiredNumberScheduled ?? 0,
      updated: status?.updatedNumberScheduled ?? 0,
      ready: status?.numberReady ?? 0,
      available: status?.numberAvailable ?? 0,
    },
    images: imagesOf(spec?.template),
  }
}
