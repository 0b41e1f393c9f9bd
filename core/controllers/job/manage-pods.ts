import type { Pod } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { asError } from '../kit/as-error.ts'
import type { Expectations } from '../kit/expectations.ts'
import { createExpected } from '../kit/expected-changes.ts'
import type { PodControl } from '../kit/pod-control.ts'
import { inDeletionOrder } from '../kit/pod-deletion-rank.ts'
import { isPodReady, isPodTerminating } from '../kit/pod-state.ts'
import { remainingForIndexMs, remainingMs } from './backoff.ts'
import {
  hasLimitPerIndex,
  indexOf,
  isIndexed,
  isSuspended,
  isTracked,
  onlyReplacesFailed,
  removeTracking,
} from './job-pods.ts'
import { requeueWithin, type JobSync } from './job-sync.ts'
import { indexedTemplate, jobTemplate } from './pod-template.ts'

/** Creations or deletions in one go (upstream: MaxPodCreateDeletePerSync). */
const burst = 500

export interface ManageContext {
  client: Client
  podControl: PodControl
  expectations: Expectations
}

/** Creates or deletes pods, so that as many run as shall, and updates the counts. Throws the first failure. */
export async function managePods(context: ManageContext, sync: JobSync): Promise<void> {
  const wanted = wantedActive(sync)
  const doomed = isSuspended(sync.job) ? sync.activePods : excessPods(sync, Math.max(0, sync.active - wanted))
  if (doomed.length > 0) return deletePods(context, sync, doomed.slice(0, burst))
  const terminating = onlyReplacesFailed(sync.job) ? sync.terminating : 0
  const missing = wanted - terminating - sync.active
  if (missing > 0) await createPods(context, sync, Math.min(missing, burst))
}

/** Deletes the active pods of a Job that ends. Their finalizers stay, so that they are counted. */
export async function deleteActivePods(context: ManageContext, sync: JobSync): Promise<void> {
  await removeEach(sync, sync.activePods, (pod) => context.podControl.delete(pod, sync.job))
}

function wantedActive({ job, succeeded, active }: JobSync): number {
  const { completions, parallelism = 1 } = job.spec
  if (isSuspended(job)) return 0
  if (completions === undefined) return succeeded > 0 ? active : parallelism
  return Math.max(0, Math.min(completions - succeeded, parallelism))
}

/** Pods too many: of an Indexed Job first those without a valid index and all but one of each index. */
function excessPods({ job, activePods, now }: JobSync, atLeast: number): Pod[] {
  const ordered = inDeletionOrder(
    activePods.map((pod) => ({ pod, rank: 0 })),
    now,
  )
  const excess: Pod[] = []
  const left: Pod[] = []
  const taken = new Set<number>()
  // From the most valuable on, so that of several of an index the best stays.
  for (const pod of isIndexed(job) ? ordered.toReversed() : []) {
    const index = indexOf(job, pod)
    if (index === undefined || taken.has(index)) excess.push(pod)
    else {
      taken.add(index)
      left.unshift(pod)
    }
  }
  const candidates = isIndexed(job) ? left : ordered
  return [...excess, ...candidates.slice(0, Math.max(0, atLeast - excess.length))]
}

/** Runs the deletions and takes the deleted pods out of the counts of active and ready ones. */
async function removeEach(sync: JobSync, pods: Pod[], remove: (pod: Pod) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(
    pods.map(async (pod) => {
      try {
        await remove(pod)
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
      sync.active -= 1
      sync.terminating += 1
      if (isPodReady(pod)) sync.ready -= 1
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw asError(failed.reason)
}

/** Pods that the Job does not want any more are let go first: they are neither successes nor failures. */
async function deletePods(context: ManageContext, sync: JobSync, doomed: Pod[]): Promise<void> {
  const { client, podControl, expectations } = context
  const key = objectKey(sync.job)
  expectations.expectDeletions(
    key,
    doomed.map(({ metadata }) => metadata.uid ?? ''),
  )
  await removeEach(sync, doomed, async (pod) => {
    try {
      if (isTracked(pod)) await removeTracking(client, pod)
      await podControl.delete(pod, sync.job)
    } catch (error) {
      expectations.deletionObserved(key, pod.metadata.uid ?? '')
      throw error
    }
  })
}

async function createPods(context: ManageContext, sync: JobSync, missing: number): Promise<void> {
  const { job, now } = sync
  if (!hasLimitPerIndex(job)) {
    const wait = remainingMs(sync.backoff, now)
    if (wait > 0) return requeueWithin(sync, wait)
  }
  const indexes = isIndexed(job) ? readyIndexes(sync, missing) : undefined
  const count = indexes?.length ?? missing
  const { podControl, expectations } = context
  const key = objectKey(job)
  const template = jobTemplate(job)
  const failure = await createExpected({ expectations, key, count }, async () => {
    const index = indexes?.shift()
    if (index === undefined) await podControl.create(template, job)
    else {
      const replaced = sync.podsToReplace.get(index)
      const own = indexedTemplate(job, template, { index, replaced })
      await podControl.create(own, job, `${job.metadata.name}-${index}-`)
    }
    sync.active += 1
  })
  if (failure) throw asError(failure.error)
}

/** The lowest indexes that are yet to be done and that no pod works on, without those in back-off. */
function readyIndexes(sync: JobSync, count: number): number[] {
  const { job, pods, activePods, succeededIndexes, failedIndexes, podsToReplace, now } = sync
  const busyPods = onlyReplacesFailed(job) ? [...activePods, ...pods.filter(isPodTerminating)] : activePods
  const busy = new Set(busyPods.map((pod) => indexOf(job, pod)))
  const pending: number[] = []
  for (let index = 0; index < (job.spec.completions ?? 0) && pending.length < count; index++) {
    if (!busy.has(index) && !succeededIndexes.has(index) && !failedIndexes?.has(index)) pending.push(index)
  }
  return pending.filter((index) => {
    const wait = remainingForIndexMs(podsToReplace.get(index), now)
    if (wait > 0) requeueWithin(sync, wait)
    return wait === 0
  })
}
