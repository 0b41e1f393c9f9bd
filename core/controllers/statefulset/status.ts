import type { StatefulSet, StatefulSetStatus } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import type { Client } from '../../client/client.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { withoutZeros } from '../kit/without-zeros.ts'
import { replicasOf, revisionOf } from './identity.ts'
import { isCreated, isRunningAndAvailable, isRunningAndReady, isTerminating } from './pod-health.ts'

export interface RevisionNames {
  current: string
  update: string
  collisionCount: number | undefined
}

/** Counts of the pods (upstream: computeReplicaStatus). */
export function countedStatus(
  set: StatefulSet,
  pods: Pod[],
  { revisions, now }: { revisions: RevisionNames; now: number },
): StatefulSetStatus {
  const created = pods.filter(isCreated)
  const availability = { minReadySeconds: set.spec.minReadySeconds ?? 0, now }
  const staying = created.filter((pod) => !isTerminating(pod))
  const status: StatefulSetStatus = {
    replicas: created.length,
    readyReplicas: created.filter(isRunningAndReady).length,
    availableReplicas: created.filter((pod) => isRunningAndAvailable(pod, availability)).length,
    currentReplicas: staying.filter((pod) => revisionOf(pod) === revisions.current).length,
    updatedReplicas: staying.filter((pod) => revisionOf(pod) === revisions.update).length,
    currentRevision: revisions.current,
    updateRevision: revisions.update,
    collisionCount: revisions.collisionCount ?? 0,
  }
  if (set.metadata.generation !== undefined) status.observedGeneration = set.metadata.generation
  return status
}

/** A rolling update that is through makes its revision the current one (upstream: completeRollingUpdate). */
export function withCompletedUpdate(set: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const wanted = replicasOf(set)
  const isComplete =
    set.spec.updateStrategy?.type === 'RollingUpdate' &&
    status.updatedReplicas === wanted &&
    status.readyReplicas === wanted &&
    status.replicas === wanted
  if (!isComplete || status.updateRevision === undefined) return status
  return { ...status, currentReplicas: wanted, currentRevision: status.updateRevision }
}

/** Writes the status when it differs from the stored one. */
export async function writeStatus(client: Client, set: StatefulSet, next: StatefulSetStatus): Promise<void> {
  const status = withoutZeros(next, ['readyReplicas', 'currentReplicas', 'updatedReplicas'])
  if (deepEqual(set.status, status)) return
  await client.updateStatus(resources.statefulSets, { ...set, status })
}
