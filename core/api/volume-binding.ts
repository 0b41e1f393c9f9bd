import type { Node, PersistentVolume, PersistentVolumeClaim } from './generated/core-v1.ts'
import { labelMatcher } from './selectors.ts'
import { nodeTermMatcher } from './node-selector.ts'
import { compareQuantity } from './quantity.ts'
import { volumeAnnotations } from './volume-annotations.ts'

/** The class of a claim or volume; the empty name is a class of its own: no dynamic provisioning. */
export function storageClassOf({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string {
  return metadata.annotations?.[volumeAnnotations.storageClass] ?? spec.storageClassName ?? ''
}

/** Bytes as the claim asks for them or the volume has them. */
export function storageOf(amounts: Record<string, string> | undefined): string {
  return amounts?.['storage'] ?? '0'
}

/** Whether the volume is this claim's: bound to it, or kept for it by name alone (upstream: IsVolumeBoundToClaim). */
export function isVolumeOfClaim({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false
  return !claimRef.uid || claimRef.uid === metadata.uid
}

/** Whether binder and claim are through with each other; only then pods may use it. */
export function isClaimBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return Boolean(spec.volumeName) && metadata.annotations?.[volumeAnnotations.bindCompleted] !== undefined
}

/** Whether the volume can be reached from the node. */
export function fitsNode({ spec }: PersistentVolume, node: Node): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms
  return !terms || terms.some((term) => nodeTermMatcher(term)(node))
}

/** Whether a volume offers every access mode that the claim asks for. */
export function hasAccessModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const offered = volume.spec.accessModes ?? []
  return (claim.spec.accessModes ?? []).every((mode) => offered.includes(mode))
}

export function volumeModeOf({ spec }: PersistentVolume | PersistentVolumeClaim): string {
  return spec.volumeMode ?? 'Filesystem'
}

/** The class of a volume's attributes, empty without one. */
export function attributesClassOf({ spec }: PersistentVolume | PersistentVolumeClaim): string {
  return spec.volumeAttributesClassName ?? ''
}

/** What has to hold apart from the claim's own wishes. */
export interface MatchOptions {
  /** Only volumes that can be reached from here; without it affinity does not matter. */
  node?: Node
  /** Volumes that are spoken for already. */
  isTaken?: (volume: PersistentVolume) => boolean
  /** Only a volume that is kept for the claim by name: the scheduler chooses among the others. */
  onlyReserved?: boolean
}

/**
 * The volume that suits a claim: the one kept for it, else the smallest that is large enough; of equals the one with the
 * fewest access modes (upstream: component-helpers/storage/volume FindMatchingVolume).
 */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  options: MatchOptions = {},
): PersistentVolume | undefined {
  const { node, isTaken, onlyReserved } = options
  const wanted = storageOf(claim.spec.resources?.requests)
  const matchesSelector = claim.spec.selector ? labelMatcher(claim.spec.selector) : () => true
  let best: PersistentVolume | undefined
  for (const volume of volumes) {
    const { metadata, spec, status } = volume
    if (isTaken?.(volume) || metadata.deletionTimestamp) continue
    if (compareQuantity(storageOf(spec.capacity), wanted) < 0) continue
    if (volumeModeOf(volume) !== volumeModeOf(claim)) continue
    if (attributesClassOf(volume) !== attributesClassOf(claim)) continue
    if (spec.claimRef) {
      if (!isVolumeOfClaim(volume, claim)) continue
      return !node || fitsNode(volume, node) ? volume : undefined
    }
    if (onlyReserved || status?.phase !== 'Available') continue
    if (storageClassOf(volume) !== storageClassOf(claim)) continue
    if (!hasAccessModes(volume, claim) || !matchesSelector(metadata.labels)) continue
    if (node && !fitsNode(volume, node)) continue
    if (!best || isSmaller(volume, best)) best = volume
  }
  return best
}

function isSmaller(a: PersistentVolume, b: PersistentVolume): boolean {
  const [left, right] = [a, b].map(({ spec }) => spec.accessModes?.length ?? 0)
  if (left !== right) return left! < right!
  return compareQuantity(storageOf(a.spec.capacity), storageOf(b.spec.capacity)) < 0
}
