import type { Deployment, ReplicaSet } from '../../api/generated/apps-v1.ts'
import { resources } from '../../api/resources.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { withReplicaAnnotations } from './annotations.ts'
import { byAge } from './replica-sets.ts'
import type { RolloutContext } from './rollout-context.ts'
import {
  activeSets,
  isRolling,
  isSaturated,
  maxReplicas,
  proportionOf,
  replicasOf,
  totalReplicas,
} from './sizes.ts'

/** Sets a ReplicaSet's size and size annotations, with upstream's event; the same object when nothing changes. */
export async function scaleSet(
  context: RolloutContext,
  { deployment, set }: { deployment: Deployment; set: ReplicaSet },
  replicas: number,
): Promise<ReplicaSet> {
  const before = replicasOf(set)
  const annotations = withReplicaAnnotations(
    set.metadata.annotations,
    replicasOf(deployment),
    maxReplicas(deployment),
  )
  if (before === replicas && deepEqual(annotations, set.metadata.annotations)) return set
  const updated = await context.client.update(resources.replicaSets, {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas },
  })
  if (before !== replicas) {
    const direction = replicas > before ? 'up' : 'down'
    context.recorder.record(referenceTo(resources.deployments, deployment), {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`,
    })
  }
  return updated
}

export interface Sets {
  newSet: ReplicaSet | undefined
  oldSets: ReplicaSet[]
}

/**
 * Follows a change of `spec.replicas` outside a rollout step: the one active set gets them all; during a rollout each
 * set gets its proportion (upstream: DeploymentController.scale).
 */
export async function scaleDeployment(
  context: RolloutContext,
  deployment: Deployment,
  { newSet, oldSets }: Sets,
): Promise<void> {
  const wanted = replicasOf(deployment)
  const single = activeOrLatest(newSet, oldSets)
  if (single) {
    await scaleSet(context, { deployment, set: single }, wanted)
    return
  }
  if (isSaturated(deployment, newSet)) {
    for (const set of activeSets(oldSets)) await scaleSet(context, { deployment, set }, 0)
    return
  }
  if (isRolling(deployment)) {
    await scaleProportionally(context, deployment, activeSets(newSet ? [...oldSets, newSet] : oldSets))
  }
}

/** The only active set; when none is active the new one, or the youngest; undefined when several are. */
function activeOrLatest(newSet: ReplicaSet | undefined, oldSets: ReplicaSet[]): ReplicaSet | undefined {
  const active = activeSets(newSet ? [...oldSets, newSet] : oldSets)
  if (active.length === 0) return newSet ?? [...oldSets].sort(byAge).at(-1)
  return active.length === 1 ? active[0] : undefined
}

async function scaleProportionally(
  context: RolloutContext,
  deployment: Deployment,
  sets: ReplicaSet[],
): Promise<void> {
  const allowed = replicasOf(deployment) > 0 ? maxReplicas(deployment) : 0
  const toAdd = allowed - totalReplicas(sets)
  // Growing favours the young, shrinking the old, among sets of the same size.
  const ordered = [...sets].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)),
  )
  const sizes = new Map<ReplicaSet, number>()
  let added = 0
  for (const set of ordered) {
    const share = toAdd === 0 ? 0 : proportionOf(deployment, set, { toAdd, added })
    sizes.set(set, replicasOf(set) + share)
    added += share
  }
  const [largest] = ordered
  if (largest && toAdd !== 0) {
    sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added))
  }
  for (const [set, size] of sizes) await scaleSet(context, { deployment, set }, size)
}
