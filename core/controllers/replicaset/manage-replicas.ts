import type { ReplicaSet } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { isNotFound } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { Expectations } from '../kit/expectations.ts'
import { inDeletionOrder } from '../kit/pod-deletion-rank.ts'
import { isNamespaceTerminating, type PodControl } from '../kit/pod-control.ts'
import { isPodActive } from '../kit/pod-state.ts'
import type { ReplicaFailure } from '../kit/replica-failure.ts'
import { slowStartBatch } from '../kit/slow-start.ts'

/** Creations or deletions in one go (upstream: BurstReplicas). */
const burst = 500

export interface ManageOptions {
  set: ReplicaSet
  /** The set's active pods. */
  active: Pod[]
  /** Pods of the same workload, for spreading deletions over nodes. */
  siblings: Pod[]
  podControl: PodControl
  expectations: Expectations
  clock: Clock
}

/** Creates what is missing or deletes what is too much; tells the first failure, if any. */
export async function manageReplicas(options: ManageOptions): Promise<ReplicaFailure | undefined> {
  const { set, active } = options
  const difference = active.length - (set.spec.replicas ?? 1)
  if (difference < 0) return createPods(options, Math.min(-difference, burst))
  if (difference > 0) return deletePods(options, Math.min(difference, burst))
  return undefined
}

async function createPods(options: ManageOptions, count: number): Promise<ReplicaFailure | undefined> {
  const { set, podControl, expectations } = options
  const key = objectKey(set)
  expectations.expectCreations(key, count)
  const { skipped, error } = await slowStartBatch(count, async () => {
    try {
      await podControl.create(set.spec.template, set)
    } catch (failed) {
      // Nothing will be seen of this one.
      expectations.creationObserved(key)
      if (!isNamespaceTerminating(failed)) throw failed
    }
  })
  for (let i = 0; i < skipped; i++) expectations.creationObserved(key)
  return error === undefined ? undefined : { reason: 'FailedCreate', error }
}

async function deletePods(options: ManageOptions, count: number): Promise<ReplicaFailure | undefined> {
  const { set, podControl, expectations } = options
  const key = objectKey(set)
  const doomed = podsToDelete(options, count)
  expectations.expectDeletions(
    key,
    doomed.map((pod) => pod.metadata.uid ?? ''),
  )
  const results = await Promise.allSettled(
    doomed.map(async (pod) => {
      try {
        await podControl.delete(pod, set)
      } catch (failed) {
        expectations.deletionObserved(key, pod.metadata.uid ?? '')
        if (!isNotFound(failed)) throw failed
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  return failed ? { reason: 'FailedDelete', error: failed.reason as unknown } : undefined
}

function podsToDelete({ active, siblings, clock }: ManageOptions, count: number): Pod[] {
  if (count >= active.length) return active
  const perNode = new Map<string, number>()
  for (const pod of siblings) {
    const node = pod.spec.nodeName
    if (node && isPodActive(pod)) perNode.set(node, (perNode.get(node) ?? 0) + 1)
  }
  const ranked = active.map((pod) => ({ pod, rank: perNode.get(pod.spec.nodeName ?? '') ?? 0 }))
  return inDeletionOrder(ranked, clock.now()).slice(0, count)
}
