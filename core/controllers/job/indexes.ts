import { parseIndexes } from '../../api/completion-indexes.ts'
import type { Job } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { finishedAt, indexOf, isPodFailed, isTracked } from './job-pods.ts'
import { judgeFailure } from './pod-failure-policy.ts'

const failuresAnnotation = 'batch.kubernetes.io/job-index-failure-count'
const ignoredAnnotation = 'batch.kubernetes.io/job-index-ignored-failure-count'

/** A set of indexes from a status or spec; indexes that the Job does not have any more are dropped. */
export function readIndexes(text: string | undefined, completions: number): Set<number> {
  try {
    const indexes = parseIndexes(text ?? '', Infinity)
    return new Set(indexes.filter((index) => index < completions))
  } catch {
    // Only this controller writes them, and specs are validated.
    return new Set()
  }
}

/** Indexes that succeeded: those counted before, and those of succeeded pods that are not counted yet. */
export function succeededIndexes(job: Job, pods: Pod[]): { counted: Set<number>; all: Set<number> } {
  const counted = readIndexes(job.status?.completedIndexes, job.spec.completions ?? 0)
  const all = new Set(counted)
  for (const pod of pods) {
    const index = indexOf(job, pod)
    if (index !== undefined && pod.status?.phase === 'Succeeded' && isTracked(pod)) all.add(index)
  }
  return { counted, all }
}

/** Indexes that failed for good (upstream: calculateFailedIndexes). */
export function failedIndexes(job: Job, pods: Pod[]): Set<number> {
  const failed = readIndexes(job.status?.failedIndexes, job.spec.completions ?? 0)
  for (const pod of pods) {
    const index = indexOf(job, pod)
    if (index !== undefined && isPodFailed(job, pod) && isTracked(pod) && isIndexFailed(job, pod))
      failed.add(index)
  }
  return failed
}

function isIndexFailed({ spec }: Job, pod: Pod): boolean {
  const { action, counts } = judgeFailure(spec.podFailurePolicy, pod)
  if (action === 'FailIndex') return true
  return counts && countOf(pod, failuresAnnotation) >= (spec.backoffLimitPerIndex ?? Infinity)
}

function countOf(pod: Pod, annotation: string): number {
  return Number(pod.metadata.annotations?.[annotation] ?? 0) || 0
}

/** Failures of the index before this pod, ignored ones too. */
export function failuresBefore(pod: Pod): number {
  return countOf(pod, failuresAnnotation) + countOf(pod, ignoredAnnotation)
}

/** Annotations of the pod that replaces a failed one of its index: how often the index has failed by now. */
export function failureAnnotations({ spec }: Job, replaced: Pod | undefined): Record<string, string> {
  let failures = replaced ? countOf(replaced, failuresAnnotation) : 0
  let ignored = replaced ? countOf(replaced, ignoredAnnotation) : 0
  if (replaced && judgeFailure(spec.podFailurePolicy, replaced).counts) failures += 1
  else if (replaced) ignored += 1
  const annotations = { [failuresAnnotation]: String(failures) }
  return ignored > 0 ? { ...annotations, [ignoredAnnotation]: String(ignored) } : annotations
}

/**
 * For each index that is to be tried again the last failed pod. Its finalizer stays until the replacement is there,
 * since the replacement takes the number of failures over from it (upstream: getPodsWithDelayedDeletionPerIndex).
 */
export function podsToReplace(job: Job, pods: Pod[], isDone: (index: number) => boolean): Map<number, Pod> {
  const last = new Map<number, Pod>()
  for (const pod of pods) {
    const index = indexOf(job, pod)
    if (index === undefined || !isTracked(pod) || !isPodFailed(job, pod) || isDone(index)) continue
    const other = last.get(index)
    const isLater =
      !other || (failuresBefore(pod) >= failuresBefore(other) && finishedAt(pod) >= finishedAt(other))
    if (isLater) last.set(index, pod)
  }
  return last
}
