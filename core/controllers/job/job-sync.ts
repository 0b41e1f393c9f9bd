import { isConditionTrue } from '../../api/conditions.ts'
import type { Job, JobCondition, JobStatus, UncountedTerminatedPods } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { draft } from '../../client/draft.ts'
import { rfc3339 } from '../../util/clock.ts'
import { isPodActive, isPodReady, isPodTerminating } from '../kit/pod-state.ts'
import { withFinished, type BackoffRecord } from './backoff.ts'
import { failedIndexes, podsToReplace, succeededIndexes } from './indexes.ts'
import { hasLimitPerIndex, indexOf, isIndexed, isPodFailed, isSuspended, isTracked } from './job-pods.ts'
import { judgeFailure } from './pod-failure-policy.ts'

/** One sync of a Job: what was seen, and what becomes of it (upstream: syncJobCtx). */
export interface JobSync {
  /** As last read or written. */
  job: Job
  /** The status to be written, worked on in place. */
  status: JobStatus & { uncountedTerminatedPods: Required<UncountedTerminatedPods> }
  /** All pods of the Job. */
  pods: Pod[]
  activePods: Pod[]
  /** Pods that hold the Job's finalizer, so that they are not counted for good. */
  isPending(pod: Pod): boolean
  active: number
  ready: number
  terminating: number
  /** With those that are not written to the status yet. */
  succeeded: number
  failed: number
  /** Only of Indexed Jobs: those in the stored status, and all. */
  countedIndexes: Set<number>
  succeededIndexes: Set<number>
  /** Only with backoffLimitPerIndex. */
  failedIndexes: Set<number> | undefined
  podsToReplace: Map<number, Pod>
  backoff: BackoffRecord
  /** What the Job is about to end with. */
  finished: JobCondition | undefined
  requeueAfterMs: number | undefined
  now: number
}

export interface JobSyncOptions {
  job: Job
  pods: Pod[]
  /** Uids of pods whose finalizer was taken away, while the informer still shows it. */
  released: ReadonlySet<string>
  backoff: BackoffRecord
  now: number
}

/** Counts what there is. */
export function startSync(options: JobSyncOptions): JobSync {
  const { job, pods, released, now } = options
  const isPending = (pod: Pod): boolean => isTracked(pod) && !released.has(pod.metadata.uid ?? '')
  const stored = draft(job.status ?? {})
  const { succeeded = [], failed = [] } = stored.uncountedTerminatedPods ?? {}
  const uncounted = { succeeded, failed }
  const isNew = (pod: Pod, uids: string[]): boolean =>
    isPending(pod) &&
    !uids.includes(pod.metadata.uid ?? '') &&
    (!isIndexed(job) || indexOf(job, pod) !== undefined)
  const newSucceeded = pods.filter((pod) => pod.status?.phase === 'Succeeded' && isNew(pod, succeeded))
  const newFailed = pods.filter((pod) => isPodFailed(job, pod) && isNew(pod, failed))
  const counting = newFailed.filter((pod) => judgeFailure(job.spec.podFailurePolicy, pod).counts)
  const activePods = pods.filter(isPodActive)
  const sync: JobSync = {
    job,
    status: { ...stored, uncountedTerminatedPods: uncounted },
    pods,
    activePods,
    isPending,
    active: activePods.length,
    ready: activePods.filter(isPodReady).length,
    terminating: pods.filter(isPodTerminating).length,
    succeeded: (stored.succeeded ?? 0) + newSucceeded.length + succeeded.length,
    failed: (stored.failed ?? 0) + counting.length + failed.length,
    countedIndexes: new Set(),
    succeededIndexes: new Set(),
    failedIndexes: undefined,
    podsToReplace: new Map(),
    backoff: withFinished(options.backoff, newSucceeded, newFailed),
    finished: undefined,
    requeueAfterMs: undefined,
    now,
  }
  // The deadline of a resumed Job counts from the time it runs again.
  const isResumed = !isSuspended(job) && isConditionTrue(stored.conditions, 'Suspended')
  if (isResumed) sync.status.startTime = rfc3339(now)
  else if (!isSuspended(job)) sync.status.startTime ??= rfc3339(now)
  if (isIndexed(job)) countIndexes(sync)
  return sync
}

function countIndexes(sync: JobSync): void {
  const { job, pods, activePods } = sync
  const { counted, all } = succeededIndexes(job, pods)
  sync.countedIndexes = counted
  sync.succeededIndexes = all
  sync.succeeded = all.size
  if (!hasLimitPerIndex(job)) return
  const failed = failedIndexes(job, pods)
  const active = new Set(activePods.map((pod) => indexOf(job, pod)))
  sync.failedIndexes = failed
  sync.podsToReplace = podsToReplace(
    job,
    pods.filter((pod) => sync.isPending(pod)),
    (index) => all.has(index) || failed.has(index) || active.has(index),
  )
}

/** Asks for another look no later than this. */
export function requeueWithin(sync: JobSync, delayMs: number): void {
  sync.requeueAfterMs = Math.min(sync.requeueAfterMs ?? delayMs, delayMs)
}
