import type { PersistentVolume, PersistentVolumeClaim } from '../api/generated/core-v1.ts'
import { volumeAnnotations } from '../api/volume-annotations.ts'
import { isVolumeOfClaim } from '../api/volume-binding.ts'
import { draft } from './draft.ts'

/**
 * A copy of the volume that is kept for the claim, to be written (upstream: component-helpers/storage/volume
 * GetBindVolumeToClaim); the same volume when it is kept for it already.
 */
export function volumeBoundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { claimRef } = volume.spec
  if (claimRef?.uid && isVolumeOfClaim(volume, claim)) return volume
  const copy = draft(volume)
  const { namespace = '', name, uid = '', resourceVersion = '' } = claim.metadata
  copy.spec.claimRef = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace,
    name,
    uid,
    resourceVersion,
  }
  if (!claimRef) {
    copy.metadata.annotations = { ...copy.metadata.annotations, [volumeAnnotations.boundByController]: 'yes' }
  }
  return copy
}
