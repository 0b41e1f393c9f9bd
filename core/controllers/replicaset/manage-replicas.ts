import type { ReplicaSet } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import type { Clock } from '../../util/clock.ts'
import type { Expectations } from '../kit/expectations.ts'
import { createExpected, deleteExpected } from '../kit/expected-changes.ts'
import { inDeletionOrder } from '../kit/pod-deletion-rank.ts'
import type { PodControl } from '../kit/pod-control.ts'
import { isPodActive } from '../kit/pod-state.ts'
import type { ReplicaFailure } from '../kit/replica-failure.ts'

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
  const failure = await createExpected({ expectations, key: objectKey(set), count }, () =>
    podControl.create(set.spec.template, set),
  )
  return failure && { reason: 'FailedCreate', ...failure }
}

async function deletePods(options: ManageOptions, count: number): Promise<ReplicaFailure | undefined> {
  const { set, podControl, expectations } = options
  const pods = podsToDelete(options, count)
  const failure = await deleteExpected({ expectations, key: objectKey(set), pods }, (pod) =>
    podControl.delete(pod, set),
  )
  return failure && { reason: 'FailedDelete', ...failure }
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
