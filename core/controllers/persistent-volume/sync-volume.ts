import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { volumeAnnotations } from '../../api/volume-annotations.ts'
import { volumeModeOf } from '../../api/volume-binding.ts'
import { setVolumePhase, unbindVolume } from './binding.ts'
import type { Binder } from './binder.ts'
import { findObject } from '../../client/find-object.ts'

/** Brings one volume's phase in line with its claim, and reclaims it when that is gone (upstream: pv_controller.go syncVolume). */
export async function syncVolume(binder: Binder, volume: PersistentVolume): Promise<void> {
  const { claimRef } = volume.spec
  if (!claimRef?.uid) {
    await setVolumePhase(binder, volume, { phase: 'Available' })
    return
  }
  const claim = await currentClaim(binder, volume)
  if (!claim) {
    await release(binder, volume)
  } else if (!claim.spec.volumeName) {
    // The claim's own sync ends the binding; all but a pair that can never be one.
    if (volumeModeOf(claim) !== volumeModeOf(volume)) tellModeMismatch(binder, volume, claim)
  } else if (claim.spec.volumeName === volume.metadata.name) {
    await setVolumePhase(binder, volume, { phase: 'Bound' })
  } else if (isDynamic(volume) && volume.spec.persistentVolumeReclaimPolicy === 'Delete') {
    // It was made for the claim, which took another one in the meantime.
    await release(binder, volume)
  } else {
    await unbindVolume(binder, volume)
  }
}

function isDynamic({ metadata }: PersistentVolume): boolean {
  return metadata.annotations?.[volumeAnnotations.provisionedBy] !== undefined
}

/** The claim a volume is bound to. Before it counts as gone the server is asked: the cache may be behind. */
async function currentClaim(
  binder: Binder,
  { spec: { claimRef } }: PersistentVolume,
): Promise<PersistentVolumeClaim | undefined> {
  const { namespace = '', name = '', uid } = claimRef ?? {}
  const known = binder.claims.get(`${namespace}/${name}`)
  if (known?.metadata.uid === uid) return known
  const claim = await findObject(binder.client, resources.persistentVolumeClaims, { namespace, name })
  return claim?.metadata.uid === uid ? claim : undefined
}

function tellModeMismatch(binder: Binder, volume: PersistentVolume, claim: PersistentVolumeClaim): void {
  const [pv, pvc] = [volume.metadata.name, `${claim.metadata.namespace}/${claim.metadata.name}`]
  const reason = 'VolumeMismatch'
  const why = 'due to incompatible volumeMode.'
  binder.tellVolume(volume, {
    type: 'Warning',
    reason,
    message: `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${pvc}" ${why}`,
  })
  binder.tellClaim(claim, {
    type: 'Warning',
    reason,
    message: `Cannot bind PersistentVolume "${pv}" to requested PersistentVolumeClaim "${pvc}" ${why}`,
  })
}

async function release(binder: Binder, volume: PersistentVolume): Promise<void> {
  // A failed reclaim is final for the volumes this binder would have to delete itself.
  if (volume.status?.phase === 'Failed') return
  const released = await setVolumePhase(binder, volume, { phase: 'Released' })
  const problem = reclaimProblem(released)
  if (!problem) return
  await setVolumePhase(binder, released, { phase: 'Failed', message: problem.message })
  binder.tellVolume(released, { type: 'Warning', ...problem })
}

/** Why the released volume cannot be reclaimed; undefined when it stays, or its provisioner deletes it. */
function reclaimProblem(volume: PersistentVolume): { reason: string; message: string } | undefined {
  const { persistentVolumeReclaimPolicy: policy, hostPath, csi } = volume.spec
  switch (policy) {
    case 'Delete':
      if (csi || isDynamic(volume)) return undefined
      return {
        reason: 'VolumeFailedDelete',
        message: hostPath
          ? `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`
          : `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`,
      }
    case 'Recycle':
      return { reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' }
    default:
      return undefined
  }
}
