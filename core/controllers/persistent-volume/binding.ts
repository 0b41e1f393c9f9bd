import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeStatus,
} from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { volumeAnnotations } from '../../api/volume-annotations.ts'
import { volumeBoundTo } from '../../client/volume-bound-to.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { draft } from '../../client/draft.ts'
import type { Binder } from './binder.ts'

type VolumePhase = NonNullable<PersistentVolumeStatus['phase']>

/** Writes a volume's phase when it is another one; answers the volume as it is then. */
export async function setVolumePhase(
  binder: Binder,
  volume: PersistentVolume,
  status: { phase: VolumePhase; message?: string },
): Promise<PersistentVolume> {
  const { phase, message } = status
  const { phase: before, message: said } = volume.status ?? {}
  if (before === phase && (said ?? '') === (message ?? '')) return volume
  const { message: _, ...rest } = volume.status ?? {}
  const next = { ...rest, phase, ...(message ? { message } : {}) }
  return binder.client.updateStatus(resources.persistentVolumes, { ...volume, status: next })
}

/**
 * Writes a claim's phase, and with a volume what the claim got by it. Capacity and class of attributes are those of who
 * resizes and modifies it once the claim is bound.
 */
export async function setClaimStatus(
  binder: Binder,
  claim: PersistentVolumeClaim,
  wanted: { phase: 'Pending' | 'Bound' | 'Lost'; volume?: PersistentVolume },
): Promise<PersistentVolumeClaim> {
  const { phase, volume } = wanted
  const status = { ...claim.status, phase }
  if (volume) {
    status.accessModes = volume.spec.accessModes ?? []
    if (claim.status?.phase !== 'Bound' || !status.capacity) status.capacity = volume.spec.capacity ?? {}
    const { volumeAttributesClassName } = volume.spec
    if (claim.status?.phase === 'Pending' && phase === 'Bound') {
      if (volumeAttributesClassName) status.currentVolumeAttributesClassName = volumeAttributesClassName
      else delete status.currentVolumeAttributesClassName
    }
  } else {
    delete status.accessModes
    delete status.currentVolumeAttributesClassName
    delete status.capacity
  }
  if (deepEqual(status, claim.status)) return claim
  return binder.client.updateStatus(resources.persistentVolumeClaims, { ...claim, status })
}

function claimBoundTo(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim {
  const copy = draft(claim)
  if (copy.spec.volumeName !== volume.metadata.name) {
    copy.spec.volumeName = volume.metadata.name
    annotate(copy, volumeAnnotations.boundByController)
  }
  annotate(copy, volumeAnnotations.bindCompleted)
  return deepEqual(copy, claim) ? claim : copy
}

function annotate({ metadata }: PersistentVolume | PersistentVolumeClaim, name: string): void {
  metadata.annotations = { ...metadata.annotations, [name]: 'yes' }
}

/**
 * Binds the two, in the order from which every interruption can be resumed: volume, its phase, claim, its status
 * (upstream: pv_controller.go bind). Writes only what is missing.
 */
export async function bind(
  binder: Binder,
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): Promise<void> {
  const { client } = binder
  let boundVolume = volumeBoundTo(volume, claim)
  if (boundVolume !== volume) boundVolume = await client.update(resources.persistentVolumes, boundVolume)
  boundVolume = await setVolumePhase(binder, boundVolume, { phase: 'Bound' })
  let boundClaim = claimBoundTo(claim, boundVolume)
  if (boundClaim !== claim) boundClaim = await client.update(resources.persistentVolumeClaims, boundClaim)
  await setClaimStatus(binder, boundClaim, { phase: 'Bound', volume: boundVolume })
}

/** Takes back the binding of a volume; one that a user had kept for a claim stays kept, without the uid. */
export async function unbindVolume(binder: Binder, volume: PersistentVolume): Promise<void> {
  const copy = draft(volume)
  if (copy.metadata.annotations?.[volumeAnnotations.boundByController] !== undefined) {
    delete copy.spec.claimRef
    delete copy.metadata.annotations[volumeAnnotations.boundByController]
  } else if (copy.spec.claimRef) {
    delete copy.spec.claimRef.uid
  }
  const unbound = deepEqual(copy, volume)
    ? volume
    : await binder.client.update(resources.persistentVolumes, copy)
  await setVolumePhase(binder, unbound, { phase: 'Available' })
}
