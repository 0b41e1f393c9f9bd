import { uniqueVolumeName } from '../../api/csi-volume.ts'
import type {
  CSIPersistentVolumeSource,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from '../../api/generated/core-v1.ts'
import type { CSIDriver } from '../../api/generated/storage-v1.ts'
import { foreignClaimProblem, podClaims } from '../../api/pod-claims.ts'
import { isTerminalPhase } from '../../api/pod-status.ts'
import { isClaimBound, isVolumeOfClaim } from '../../api/volume-binding.ts'

/** A volume that has to be attached to a node before its pods get it. */
export interface AttachableVolume {
  volume: PersistentVolume
  csi: CSIPersistentVolumeSource
  /** Those of the node that wait for it or use it. */
  pods: Pod[]
}

/** What claims and drivers there are. */
interface StorageLookup {
  claim(key: string): PersistentVolumeClaim | undefined
  volume(name: string): PersistentVolume | undefined
  driver(name: string): CSIDriver | undefined
}

/**
 * The volumes that pods of one node need attached, by their unique names. A driver that says nothing of itself is taken to
 * need it, as upstream (pkg/controller/volume/attachdetach/util, volume/csi CanAttach). A pod that ended needs none.
 */
export function attachableVolumes(pods: Iterable<Pod>, lookup: StorageLookup): Map<string, AttachableVolume> {
  const found = new Map<string, AttachableVolume>()
  for (const pod of pods) {
    if (isTerminalPhase(pod.status?.phase)) continue
    for (const { claim: name, isEphemeral } of podClaims(pod)) {
      const claim = lookup.claim(`${pod.metadata.namespace ?? ''}/${name}`)
      if (!claim || !isClaimBound(claim)) continue
      if (isEphemeral && foreignClaimProblem(pod, claim) !== undefined) continue
      const volume = lookup.volume(claim.spec.volumeName ?? '')
      const csi = volume?.spec.csi
      if (!volume || !csi || !isVolumeOfClaim(volume, claim)) continue
      if (lookup.driver(csi.driver)?.spec.attachRequired === false) continue
      const key = uniqueVolumeName(csi)
      const known = found.get(key)
      if (known) known.pods.push(pod)
      else found.set(key, { volume, csi, pods: [pod] })
    }
  }
  return found
}
