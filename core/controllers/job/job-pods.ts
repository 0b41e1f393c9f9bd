import type { Job } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { findCondition, isConditionTrue } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { millisecondsOf } from '../../util/go-duration.ts'
import type { Client } from '../../client/client.ts'

/** Holds a Job's pod until it is counted in the Job's status (upstream: batch.JobTrackingFinalizer). */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
/** Annotation and label of an Indexed Job's pod. */
export const indexName = 'batch.kubernetes.io/job-completion-index'

/** Whether the Job has yet to count the pod, which its finalizer keeps until then. */
export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) ?? false
}

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === 'Indexed'
}

/** Whether each index has its own limit of failures. */
export function hasLimitPerIndex(job: Job): boolean {
  return isIndexed(job) && job.spec.backoffLimitPerIndex !== undefined
}

export function isSuspended(job: Job): boolean {
  return job.spec.suspend === true
}

/** Complete or Failed. */
export function isFinished({ status }: Job): boolean {
  return ['Complete', 'Failed'].some((type) => isConditionTrue(status?.conditions, type))
}

/** Whether a pod is replaced only when it has failed for good, not while it terminates. */
export function onlyReplacesFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed'
}

/** A pod counts as failed when it has failed or, unless only failed ones are replaced, when it is being deleted. */
export function isPodFailed(job: Job, pod: Pod): boolean {
  const phase = pod.status?.phase
  if (phase === 'Failed') return true
  if (onlyReplacesFailed(job)) return false
  return pod.metadata.deletionTimestamp !== undefined && phase !== 'Succeeded'
}

/** The completion index of an Indexed Job's pod; undefined when it has none or one that the Job does not have. */
export function indexOf(job: Job, pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[indexName]
  if (text === undefined || !/^\d+$/.test(text)) return undefined
  return Number(text) < (job.spec.completions ?? 0) ? Number(text) : undefined
}

/** When a pod ended, in milliseconds, as well as its status tells (upstream: getFinishedTime). */
export function finishedAt({ metadata, status }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) =>
    Date.parse(state?.terminated?.finishedAt ?? ''),
  )
  if (ends.length > 0 && !ends.some(Number.isNaN)) return Math.max(...ends)
  const ready = findCondition(status?.conditions, 'Ready')
  const unreadySince = ready?.status === 'False' ? Date.parse(ready.lastTransitionTime ?? '') : Number.NaN
  if (!Number.isNaN(unreadySince)) return unreadySince
  if (metadata.deletionTimestamp) {
    return Date.parse(metadata.deletionTimestamp) - millisecondsOf(metadata.deletionGracePeriodSeconds ?? 0)
  }
  return Date.parse(metadata.creationTimestamp ?? '') || 0
}

/** Lets a pod go. One that is gone already is fine. */
export async function removeTracking(client: Client, { metadata }: Pod): Promise<void> {
  const { namespace = '', name, uid } = metadata
  const body = { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } }
  try {
    await client.patch(resources.pods, { namespace, name }, { type: 'strategic', body })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
