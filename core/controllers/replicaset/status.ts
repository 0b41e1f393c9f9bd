import type { ReplicaSet, ReplicaSetStatus } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import { isConflict } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { isPodAvailable, isPodReady } from '../kit/pod-state.ts'
import { withReplicaFailure, type ReplicaFailure } from '../kit/replica-failure.ts'
import { withoutZeros } from '../kit/without-zeros.ts'
import type { ReplicaSource } from './replica-source.ts'

export interface Observed {
  active: Pod[]
  terminating: number
  failure: ReplicaFailure | undefined
  now: number
}

/** The status that follows from the pods (upstream: pkg/controller/replicaset/replica_set_utils.go calculateStatus). */
export function nextStatus(set: ReplicaSet, observed: Observed): ReplicaSetStatus {
  const { active, terminating, failure, now } = observed
  const templateLabels = Object.entries(set.spec.template?.metadata?.labels ?? {})
  const minReady = set.spec.minReadySeconds ?? 0
  const status: ReplicaSetStatus = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) =>
      templateLabels.every(([key, value]) => pod.metadata.labels?.[key] === value),
    ).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((pod) => isPodAvailable(pod, minReady, now)).length,
    terminatingReplicas: terminating,
  }
  if (set.metadata.generation !== undefined) status.observedGeneration = set.metadata.generation
  const conditions = withReplicaFailure(set.status?.conditions ?? [], failure, now)
  if (conditions.length > 0) status.conditions = conditions
  return status
}

/** Writes the status when it differs from the stored one, and returns it. Conflicts are tried once more on fresh state. */
export async function writeStatus<T extends KubeObject>(
  client: Client,
  source: ReplicaSource<T>,
  { owner, status: next }: { owner: T; status: ReplicaSetStatus },
): Promise<ReplicaSetStatus> {
  const status = withoutZeros(next, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'])
  const wanted = source.withStatus(owner, status)
  if (deepEqual(owner, wanted)) return status
  try {
    await client.updateStatus(source.resource, wanted)
  } catch (error) {
    if (!isConflict(error)) throw error
    const { namespace = '', name, uid } = owner.metadata
    const fresh = await client.get(source.resource, { namespace, name })
    if (fresh.metadata.uid !== uid) throw error
    await client.updateStatus(source.resource, source.withStatus(fresh, status))
  }
  return status
}
