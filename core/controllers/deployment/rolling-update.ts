import type { Deployment, ReplicaSet } from '../../api/generated/apps-v1.ts'
import { byAge } from './replica-sets.ts'
import type { RolloutContext } from './rollout-context.ts'
import { scaleSet, type Sets } from './scale.ts'
import { activeSets, newSetReplicas, replicasOf, rollingBounds, totalReplicas } from './sizes.ts'

/**
 * One step of a rolling update: the new set grows as far as the surge allows, else old ones shrink as far as
 * availability allows, unhealthy pods first (upstream: rolloutRolling). True when something was scaled.
 */
export async function rollOneStep(
  context: RolloutContext,
  deployment: Deployment,
  { newSet, oldSets }: { newSet: ReplicaSet; oldSets: ReplicaSet[] },
): Promise<boolean> {
  const all = [...oldSets, newSet]
  const now = replicasOf(newSet)
  const wanted = replicasOf(deployment)
  const target = now > wanted ? wanted : newSetReplicas(deployment, all, now)
  if (target !== now) {
    await scaleSet(context, { deployment, set: newSet }, target)
    return true
  }
  return shrinkOld(context, deployment, { newSet, oldSets })
}

async function shrinkOld(
  context: RolloutContext,
  deployment: Deployment,
  { newSet, oldSets }: { newSet: ReplicaSet; oldSets: ReplicaSet[] },
): Promise<boolean> {
  const old = activeSets(oldSets).sort(byAge)
  if (old.length === 0) return false
  const minAvailable = replicasOf(deployment) - rollingBounds(deployment).maxUnavailable
  const newUnavailable = replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0)
  const maxGone = totalReplicas([...old, newSet]) - minAvailable - newUnavailable
  if (maxGone <= 0) return false
  const unhealthy = unhealthyCuts(old, maxGone)
  const afterCleanup = old.map((set) => replicasOf(set) - (unhealthy.get(set) ?? 0))
  const available = [...old, newSet].reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0)
  let mayGo = Math.max(0, available - minAvailable)
  let changed = false
  for (const [index, set] of old.entries()) {
    const size = afterCleanup[index] ?? 0
    const cut = Math.min(size, mayGo)
    mayGo -= cut
    if (size - cut === replicasOf(set)) continue
    await scaleSet(context, { deployment, set }, size - cut)
    changed = true
  }
  return changed
}

/** Pods that are not available cost nothing: they go first (upstream: cleanupUnhealthyReplicas). */
function unhealthyCuts(old: ReplicaSet[], maxCuts: number): Map<ReplicaSet, number> {
  const cuts = new Map<ReplicaSet, number>()
  let left = maxCuts
  for (const set of old) {
    const unhealthy = replicasOf(set) - (set.status?.availableReplicas ?? 0)
    const cut = Math.max(0, Math.min(left, unhealthy))
    cuts.set(set, cut)
    left -= cut
  }
  return cuts
}

/** Scales every old set to zero; true when one was not there yet. */
export async function removeOld(
  context: RolloutContext,
  deployment: Deployment,
  { oldSets }: Sets,
): Promise<boolean> {
  const active = activeSets(oldSets)
  for (const set of active) await scaleSet(context, { deployment, set }, 0)
  return active.length > 0
}
