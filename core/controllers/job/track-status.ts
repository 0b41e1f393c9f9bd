import { formatIndexes } from '../../api/completion-indexes.ts'
import { isConditionTrue } from '../../api/conditions.ts'
import type { JobCondition, JobStatus } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import type { Client } from '../../client/client.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { draft } from '../../client/draft.ts'
import { asError } from '../kit/as-error.ts'
import { withoutZeros } from '../kit/without-zeros.ts'
import { newCondition, withCondition, type ConditionText } from './conditions.ts'
import { hasLimitPerIndex, indexOf, isIndexed, isPodFailed, removeTracking } from './job-pods.ts'
import type { JobSync } from './job-sync.ts'
import { judgeFailure } from './pod-failure-policy.ts'

/** How many pods are counted in one go (upstream: MaxUncountedPods). */
const maxUncounted = 500

export interface TrackContext {
  client: Client
  /** Uids of pods whose finalizer was taken away, until the informer shows it. */
  released: Set<string>
  /** The status now says which pods have finished. */
  onCounted(): void
}

/**
 * Counts finished pods exactly once (upstream: trackJobStatusAndRemoveFinalizers): their uids are written to the
 * status, then their finalizers are taken away, then the uids give way to the counters. When the Job ends, the interim
 * condition is written first and the final one after everything is counted. Gives the final condition when it is
 * written.
 */
export async function trackStatus(context: TrackContext, sync: JobSync): Promise<JobCondition | undefined> {
  const { status } = sync
  status.active = sync.active
  status.ready = sync.ready
  status.terminating = sync.terminating
  const holding = new Set(sync.pods.filter((pod) => sync.isPending(pod)).map(uidOf))
  settleUncounted(sync, holding)
  const { toRelease, isFull } = countFinished(sync)
  writeIndexes(sync)
  const final = noteEnd(sync)
  if (await flush(context.client, sync)) context.onCounted()
  const failure = await release(context, toRelease, holding)
  settleUncounted(sync, holding)
  const ended = failure === undefined && !isFull && enactEnd(sync, final)
  await flush(context.client, sync)
  if (failure !== undefined) throw asError(failure)
  return ended ? final : undefined
}

function uidOf({ metadata }: Pod): string {
  return metadata.uid ?? ''
}

/** Uids of pods without finalizer become numbers. */
function settleUncounted({ status }: JobSync, holding: ReadonlySet<string>): void {
  const uncounted = status.uncountedTerminatedPods
  for (const name of ['succeeded', 'failed'] as const) {
    const left = uncounted[name].filter((uid) => holding.has(uid))
    const settled = uncounted[name].length - left.length
    if (settled > 0) status[name] = (status[name] ?? 0) + settled
    uncounted[name] = left
  }
}

function countFinished(sync: JobSync): { toRelease: Pod[]; isFull: boolean } {
  const { job, status, finished, countedIndexes } = sync
  const { succeeded, failed } = status.uncountedTerminatedPods
  const pods = isIndexed(job)
    ? [...sync.pods].sort((a, b) => (indexOf(job, a) ?? Infinity) - (indexOf(job, b) ?? Infinity))
    : sync.pods
  const toRelease: Pod[] = []
  const newIndexes = new Set<number>()
  for (const pod of pods) {
    if (!sync.isPending(pod) || !mayRelease(sync, pod)) continue
    toRelease.push(pod)
    const uid = uidOf(pod)
    const index = indexOf(job, pod)
    const hasPlace = !isIndexed(job) || index !== undefined
    if (pod.status?.phase === 'Succeeded' && !failed.includes(uid)) {
      if (!isIndexed(job)) {
        if (!succeeded.includes(uid)) succeeded.push(uid)
      } else if (index !== undefined && !countedIndexes.has(index)) newIndexes.add(index)
    } else if (isPodFailed(job, pod) || (finished && finished.type !== 'SuccessCriteriaMet')) {
      const { counts } = judgeFailure(job.spec.podFailurePolicy, pod)
      if (hasPlace && counts && !failed.includes(uid)) failed.push(uid)
    }
    if (newIndexes.size + succeeded.length + failed.length >= maxUncounted) return { toRelease, isFull: true }
  }
  return { toRelease, isFull: false }
}

/** Upstream: canRemoveFinalizer. */
function mayRelease({ job, finished, podsToReplace }: JobSync, pod: Pod): boolean {
  if (job.metadata.deletionTimestamp || finished || pod.status?.phase === 'Succeeded') return true
  if (!isPodFailed(job, pod)) return false
  const index = indexOf(job, pod)
  return !hasLimitPerIndex(job) || index === undefined || podsToReplace.get(index) !== pod
}

function writeIndexes({ job, status, succeededIndexes, failedIndexes }: JobSync): void {
  if (!isIndexed(job)) return
  status.succeeded = succeededIndexes.size
  const text = formatIndexes(succeededIndexes)
  if (text) status.completedIndexes = text
  else delete status.completedIndexes
  if (failedIndexes) status.failedIndexes = formatIndexes(failedIndexes)
}

/** Writes the interim condition down and gives the final one. */
function noteEnd(sync: JobSync): JobCondition | undefined {
  const { finished, status, now } = sync
  if (!finished) return undefined
  const { type, reason = '', message = '' } = finished
  if (type !== 'FailureTarget' && type !== 'SuccessCriteriaMet') return finished
  if (!isConditionTrue(status.conditions, type)) status.conditions = [...(status.conditions ?? []), finished]
  const end = type === 'FailureTarget' ? 'Failed' : 'Complete'
  return newCondition({ type: end, reason, message }, now)
}

/** The final condition comes when all is counted and nothing terminates any more. */
function enactEnd({ status, terminating, now }: JobSync, final: JobCondition | undefined): boolean {
  const { succeeded, failed } = status.uncountedTerminatedPods
  if (!final || succeeded.length + failed.length > 0 || terminating > 0) return false
  const { type, reason = '', message = '', lastTransitionTime } = final
  const text = { type: type as ConditionText['type'], reason, message }
  const conditions = withCondition(status.conditions, text, now)
  if (conditions) status.conditions = conditions
  if (type === 'Complete' && lastTransitionTime) status.completionTime = lastTransitionTime
  return true
}

async function release(
  { client, released }: TrackContext,
  pods: Pod[],
  holding: Set<string>,
): Promise<unknown> {
  const results = await Promise.allSettled(
    pods.map(async (pod) => {
      released.add(uidOf(pod))
      try {
        await removeTracking(client, pod)
      } catch (error) {
        released.delete(uidOf(pod))
        throw error
      }
      holding.delete(uidOf(pod))
    }),
  )
  return results.find((result) => result.status === 'rejected')?.reason as unknown
}

/** Writes the status when it differs from the stored one. */
async function flush(client: Client, sync: JobSync): Promise<boolean> {
  const { job } = sync
  const status: JobStatus = draft(withoutZeros<JobStatus>(sync.status, ['active', 'succeeded', 'failed']))
  if (isSame(job.status ?? {}, status)) return false
  sync.job = await client.updateStatus(resources.jobs, { ...job, status })
  return true
}

/** An empty text of failed indexes says that there is a limit per index: unlike elsewhere it is not nothing. */
function isSame(a: JobStatus, b: JobStatus): boolean {
  return deepEqual(a, b) && a.failedIndexes === b.failedIndexes
}
