import type { StatefulSet } from '../../api/generated/apps-v1.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import type { OwnerReference } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { controllerReference } from '../../client/object-reference.ts'
import { isInRange } from './identity.ts'

/** A claim of a StatefulSet's pod. */
export interface PodClaim {
  set: StatefulSet
  pod: Pod
  ordinal: number
  claim: PersistentVolumeClaim
}

/**
 * The owners that the retention policy asks for: the set when the claim goes with the set, the pod when it goes with a pod that is scaled
 * away, nobody of both when it is retained. Other owners stay. Where one of them manages the claim, neither is an owner; a claim of
 * an earlier set or pod of the name is the garbage collector's. Undefined: they are as they should be (upstream: isClaimOwnerUpToDate
 * and updateClaimOwnerRefForSetAndPod in pkg/controller/statefulset/stateful_set_utils.go).
 */
export function ownersToSet(of: PodClaim): OwnerReference[] | undefined {
  const { claim, set, pod } = of
  const references = claim.metadata.ownerReferences ?? []
  const own = references.filter((reference) => isSet(reference, set) || isPod(reference, pod))
  if (own.some(({ uid }) => uid !== set.metadata.uid && uid !== pod.metadata.uid)) return undefined
  const wanted = hasOtherController(of) ? undefined : wantedOwner(of)
  const isUpToDate = wanted
    ? own.length === 1 && own[0]?.uid === wanted.uid && own[0]?.controller === true
    : own.length === 0
  if (isUpToDate) return undefined
  return [...references.filter((reference) => !own.includes(reference)), ...(wanted ? [wanted] : [])]
}

/** Whether somebody else manages a claim that is not merely retained (upstream: hasUnexpectedController). */
export function hasOtherController({ claim, set, pod }: PodClaim): boolean {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  if (whenDeleted !== 'Delete' && whenScaled !== 'Delete') return false
  return (claim.metadata.ownerReferences ?? []).some((reference) => {
    if (isSet(reference, set)) return reference.uid !== set.metadata.uid
    if (isPod(reference, pod)) return reference.uid !== pod.metadata.uid
    return reference.controller === true
  })
}

function wantedOwner({ set, pod, ordinal }: PodClaim): OwnerReference | undefined {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  if (whenScaled === 'Delete' && !isInRange(set, ordinal)) return controllerReference(resources.pods, pod)
  return whenDeleted === 'Delete' ? controllerReference(resources.statefulSets, set) : undefined
}

function isSet({ apiVersion, kind, name }: OwnerReference, { metadata }: StatefulSet): boolean {
  return apiVersion === 'apps/v1' && kind === 'StatefulSet' && name === metadata.name
}

function isPod({ apiVersion, kind, name }: OwnerReference, { metadata }: Pod): boolean {
  return apiVersion === 'v1' && kind === 'Pod' && name === metadata.name
}
