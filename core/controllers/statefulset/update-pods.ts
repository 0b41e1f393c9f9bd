import type { ControllerRevision, StatefulSet } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { scaledValue } from '../../api/int-or-string.ts'
import { asError } from '../kit/as-error.ts'
import { templateOfRevision } from '../kit/history.ts'
import { isPodTerminal } from '../kit/pod-state.ts'
import { slowStartBatch } from '../kit/slow-start.ts'
import {
  isInRange,
  missingIdentity,
  newPod,
  ordinalOf,
  replicasOf,
  revisionOf,
  startOrdinal,
} from './identity.ts'
import {
  isCreated,
  isRunningAndAvailable,
  isTerminating,
  isUnavailable,
  type Availability,
} from './pod-health.ts'
import type { StatefulPods } from './pod-operations.ts'

export interface UpdateOptions {
  set: StatefulSet
  /** The set's pods. */
  pods: Pod[]
  current: ControllerRevision
  update: ControllerRevision
  operations: StatefulPods
  now: number
}

/** One pod that the set is to have, there or yet to be created. */
interface Replica {
  pod: Pod
  ordinal: number
}

/** Whether a step leaves the way free for the next one. */
type Progress = 'go on' | 'wait'

/**
 * One step towards what the set asks for (upstream: updateStatefulSet): missing pods are created in order of their
 * ordinals, each when its predecessors are available; too many are deleted from the highest down; then pods of another
 * revision are replaced, highest first, within maxUnavailable and above the partition. With `Parallel` management
 * creation and scaling wait for nobody.
 */
export async function updatePods(options: UpdateOptions): Promise<void> {
  const { set } = options
  if (set.metadata.deletionTimestamp) return
  const replicas = wantedReplicas(options)
  const condemned = condemnedPods(options)
  const replace = (replica: Replica): Promise<Progress> => processReplica(options, replica)
  if ((await forAll(set, replicas, replace)) === 'wait') return
  const firstUnavailable = [...replicas, ...condemned.toReversed()].find(({ pod }) =>
    isUnavailable(pod, availabilityOf(options)),
  )
  const remove = (replica: Replica): Promise<Progress> =>
    processCondemned(options, replica, firstUnavailable?.pod === replica.pod)
  if ((await forAll(set, condemned, remove)) === 'wait') return
  if (set.spec.updateStrategy?.type !== 'OnDelete') await replaceOutdated(options, replicas)
}

function availabilityOf({ set, now }: UpdateOptions): Availability {
  return { minReadySeconds: set.spec.minReadySeconds ?? 0, now }
}

function isOrdered(set: StatefulSet): boolean {
  return set.spec.podManagementPolicy !== 'Parallel'
}

function wantedReplicas(options: UpdateOptions): Replica[] {
  const { set, pods } = options
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]))
  const start = startOrdinal(set)
  return Array.from({ length: replicasOf(set) }, (_, at) => {
    const ordinal = start + at
    return { ordinal, pod: byOrdinal.get(ordinal) ?? versionedPod(options, ordinal) }
  })
}

/** A pod below the partition is made from the current revision, others from the update's. */
function versionedPod({ set, current, update }: UpdateOptions, ordinal: number): Pod {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {}
  const isBelow = type === 'RollingUpdate' && ordinal < startOrdinal(set) + (rollingUpdate?.partition ?? 0)
  const revision = isBelow ? current : update
  return newPod(set, ordinal, { template: templateOfRevision(revision), revision: revision.metadata.name })
}

/** Pods outside the range, highest ordinal first. */
function condemnedPods({ set, pods }: UpdateOptions): Replica[] {
  const condemned: Replica[] = []
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod)
    if (ordinal !== undefined && !isInRange(set, ordinal)) condemned.push({ pod, ordinal })
  }
  return condemned.sort((a, b) => b.ordinal - a.ordinal)
}

/** In order until one says to wait, or, with `Parallel`, all of them. */
async function forAll(
  set: StatefulSet,
  replicas: Replica[],
  step: (replica: Replica) => Promise<Progress>,
): Promise<Progress> {
  if (isOrdered(set)) {
    for (const replica of replicas) if ((await step(replica)) === 'wait') return 'wait'
    return 'go on'
  }
  const remaining = [...replicas]
  const { error } = await slowStartBatch(replicas.length, async () => {
    const replica = remaining.shift()
    if (replica) await step(replica)
  })
  if (error !== undefined) throw asError(error)
  return 'go on'
}

async function processReplica(options: UpdateOptions, { pod, ordinal }: Replica): Promise<Progress> {
  const { set, operations } = options
  if (isCreated(pod) && isPodTerminal(pod)) {
    // A pod of a StatefulSet is started anew however it ended; the next one follows when this one is gone.
    if (!isTerminating(pod)) await operations.delete(set, pod)
    return 'wait'
  }
  if (!isCreated(pod)) {
    if (await operations.claims.isStale(set, pod, ordinal)) {
      throw new Error(`a claim of an earlier pod ${pod.metadata.name} is yet to be deleted`)
    }
    await operations.create(set, pod, ordinal)
    return 'wait'
  }
  if (pod.status?.phase === 'Pending' && !isTerminating(pod)) {
    await operations.claims.createMissing(set, pod, ordinal)
  }
  if (isOrdered(set) && (isTerminating(pod) || !isRunningAndAvailable(pod, availabilityOf(options)))) {
    return 'wait'
  }
  const isIdentified = Object.keys(missingIdentity(pod, ordinal)).length === 0
  if (!isIdentified || set.spec.volumeClaimTemplates?.length) await operations.repair(set, pod, ordinal)
  return 'go on'
}

async function processCondemned(
  options: UpdateOptions,
  { pod, ordinal }: Replica,
  isFirstUnavailable: boolean,
): Promise<Progress> {
  const { set, operations } = options
  if (isTerminating(pod)) return isOrdered(set) ? 'wait' : 'go on'
  const isAvailable = isRunningAndAvailable(pod, availabilityOf(options))
  // A set is not made smaller while others of it are ill, unless this is the ill one.
  if (isOrdered(set) && !isAvailable && !isFirstUnavailable) return 'wait'
  await operations.claims.applyRetention(set, pod, ordinal)
  await operations.delete(set, pod)
  return 'wait'
}

/**
 * Deletes pods of other revisions, as many as may be unavailable at once; one that is unavailable anyway costs nothing
 * (upstream: updateStatefulSetAfterInvariantEstablished).
 */
async function replaceOutdated(options: UpdateOptions, replicas: Replica[]): Promise<void> {
  const { set, update, operations } = options
  const rolling = set.spec.updateStrategy?.rollingUpdate
  const limit = Math.max(1, scaledValue(rolling?.maxUnavailable ?? 1, replicasOf(set), 'up') ?? 1)
  const availability = availabilityOf(options)
  const unavailable = replicas.filter(({ pod }) => isUnavailable(pod, availability)).length
  let budget = limit - unavailable
  const candidates = replicas.slice(rolling?.partition ?? 0).toReversed()
  for (const { pod } of candidates) {
    const isOutdated = isCreated(pod) && revisionOf(pod) !== update.metadata.name
    if (!isOutdated || isTerminating(pod)) continue
    if (!isUnavailable(pod, availability)) {
      if (budget <= 0) continue
      budget -= 1
    }
    await operations.delete(set, pod)
  }
}
