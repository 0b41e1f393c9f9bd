import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { foreignClaimProblem, podClaims } from '../../api/pod-claims.ts'
import { compareQuantity } from '../../api/quantity.ts'
import { noProvisioner, volumeAnnotations } from '../../api/volume-annotations.ts'
import {
  findMatchingVolume,
  fitsNode,
  isClaimBound,
  storageClassOf,
  storageOf,
} from '../../api/volume-binding.ts'
import type { PodInfo } from '../pod-info.ts'
import type { StorageView } from './storage-view.ts'

/** The claims of a pod by what has to be done about them. */
export interface PodVolumes {
  bound: PersistentVolumeClaim[]
  /** To be bound together with the choice of a node. */
  delayed: PersistentVolumeClaim[]
}

/** Sorts a pod's claims, or says why no node can take the pod as long as they are as they are (upstream: volumebinding PreFilter). */
export function podVolumes(info: PodInfo, storage: StorageView): PodVolumes | { refusal: string } {
  const found: PodVolumes = { bound: [], delayed: [] }
  let waitsForBinder = false
  for (const { claim: name, isEphemeral } of podClaims(info.pod)) {
    const claim = storage.claim(`${info.namespace}/${name}`)
    if (!claim) {
      const missing = `persistentvolumeclaim "${name}" not found`
      return {
        refusal: isEphemeral
          ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
          : missing,
      }
    }
    if (claim.status?.phase === 'Lost') {
      return {
        refusal: `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`,
      }
    }
    if (claim.metadata.deletionTimestamp) {
      return { refusal: `persistentvolumeclaim "${name}" is being deleted` }
    }
    const foreign = isEphemeral ? foreignClaimProblem(info.pod, claim) : undefined
    if (foreign !== undefined) return { refusal: foreign }
    if (isClaimBound(claim)) found.bound.push(claim)
    else if (isDelayed(claim, storage)) found.delayed.push(claim)
    else waitsForBinder = true
  }
  return waitsForBinder ? { refusal: 'pod has unbound immediate PersistentVolumeClaims' } : found
}

/** One that names its volume is the binder's in any case. */
function isDelayed(claim: PersistentVolumeClaim, storage: StorageView): boolean {
  if (claim.spec.volumeName) return false
  return storage.storageClass(storageClassOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer'
}

/** What is to be written before the pod can go to the node. */
export interface VolumePlan {
  bind: { claim: PersistentVolumeClaim; volume: PersistentVolume }[]
  provision: PersistentVolumeClaim[]
}

const conflict = 'node(s) had volume node affinity conflict'
const noVolume = "node(s) didn't find available persistent volumes to bind"
const missing = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'

/** How the pod's claims can be served on a node, or upstream's reasons why they cannot (volumebinding FindPodVolumes). */
export function planVolumes(
  { bound, delayed }: PodVolumes,
  node: Node,
  storage: StorageView,
): VolumePlan | { reasons: string[] } {
  const reasons: string[] = []
  for (const claim of bound) {
    const volume = storage.volume(claim.spec.volumeName ?? '')
    const reason = volume ? (fitsNode(volume, node) ? undefined : conflict) : missing
    if (reason !== undefined && !reasons.includes(reason)) reasons.push(reason)
  }
  const plan: VolumePlan = { bind: [], provision: [] }
  const taken = new Set<string>()
  for (const claim of delayed.toSorted(bySize)) {
    const key = objectKey(claim)
    const chosen = storage.assumedNodeOf(key) ?? claim.metadata.annotations?.[volumeAnnotations.selectedNode]
    if (chosen !== undefined) {
      // Its volume is being made for another node already.
      if (chosen !== node.metadata.name) return { reasons: [...reasons, noVolume] }
      plan.provision.push(claim)
      continue
    }
    const volume = findMatchingVolume(claim, storage.volumesOfClass(storageClassOf(claim)), {
      node,
      isTaken: ({ metadata: { name } }) => taken.has(name) || (storage.assumedClaimOf(name) ?? key) !== key,
    })
    if (volume) {
      taken.add(volume.metadata.name)
      plan.bind.push({ claim, volume })
    } else if (canProvision(storage.storageClass(storageClassOf(claim)), node)) plan.provision.push(claim)
    else return { reasons: [...reasons, noVolume] }
  }
  return reasons.length > 0 ? { reasons } : plan
}

function bySize(a: PersistentVolumeClaim, b: PersistentVolumeClaim): number {
  return compareQuantity(storageOf(a.spec.resources?.requests), storageOf(b.spec.resources?.requests))
}

function canProvision(found: StorageClass | undefined, node: Node): boolean {
  if (!found?.provisioner || found.provisioner === noProvisioner) return false
  const { allowedTopologies = [] } = found
  if (allowedTopologies.length === 0) return true
  const labels = node.metadata.labels ?? {}
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values = [] }) => values.includes(labels[key ?? ''] ?? '')),
  )
}
