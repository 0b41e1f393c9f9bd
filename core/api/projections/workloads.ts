import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../generated/apps-v1.ts'
import type { CronJob, Job } from '../generated/batch-v1.ts'
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

/** How many replicas a workload is to have, and has in which state. */
function replicasOf({ spec, status }: Deployment | ReplicaSet | StatefulSet): Record<string, number> {
  return {
    desired: spec?.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
  }
}

/** Replica counts, images and conditions of a Deployment. */
export function projectDeployment(deployment: Deployment): Record<string, unknown> {
  const { spec, status } = deployment
  return {
    replicas: { ...replicasOf(deployment), updated: status?.updatedReplicas ?? 0 },
    images: imagesOf(spec?.template),
    conditions: projectConditions(status?.conditions),
    paused: spec?.paused ?? false,
  }
}

/** Replica counts and images of a ReplicaSet. */
export function projectReplicaSet(replicaSet: ReplicaSet): Record<string, unknown> {
  return { replicas: replicasOf(replicaSet), images: imagesOf(replicaSet.spec?.template) }
}

/** Replica counts and images of a StatefulSet. */
export function projectStatefulSet(statefulSet: StatefulSet): Record<string, unknown> {
  return {
    replicas: { ...replicasOf(statefulSet), updated: statefulSet.status?.updatedReplicas ?? 0 },
    images: imagesOf(statefulSet.spec?.template),
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

/** Whether a Job is held, its images and conditions. */
export function projectJob({ spec, status }: Job): Record<string, unknown> {
  return {
    suspended: spec?.suspend ?? false,
    images: imagesOf(spec?.template),
    conditions: projectConditions(status?.conditions),
  }
}

/** Whether a CronJob is held, and the images of its Jobs. */
export function projectCronJob({ spec }: CronJob): Record<string, unknown> {
  return { suspended: spec?.suspend ?? false, images: imagesOf(spec?.jobTemplate?.spec?.template) }
}
