import { isDefaultStorageClass, newestClass } from '../../api/default-class.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { compareQuantity } from '../../api/quantity.ts'
import { resources } from '../../api/resources.ts'
import { volumeAnnotations } from '../../api/volume-annotations.ts'
import {
  attributesClassOf,
  findMatchingVolume,
  hasAccessModes,
  isVolumeOfClaim,
  storageClassOf,
  storageOf,
  volumeModeOf,
} from '../../api/volume-binding.ts'
import { bind, setClaimStatus } from './binding.ts'
import type { Binder } from './binder.ts'
import { requestProvisioning } from './request-provisioning.ts'

/** Brings one claim closer to its volume (upstream: pv_controller.go syncClaim). */
export async function syncClaim(binder: Binder, claim: PersistentVolumeClaim): Promise<void> {
  if (claim.metadata.annotations?.[volumeAnnotations.bindCompleted] !== undefined) {
    await syncBoundClaim(binder, claim)
  } else if (claim.spec.volumeName) {
    await syncNamedVolume(binder, claim, claim.spec.volumeName)
  } else {
    await syncUnboundClaim(binder, claim)
  }
}

/** A claim that was bound once: whatever is gone since is lost. */
async function syncBoundClaim(binder: Binder, claim: PersistentVolumeClaim): Promise<void> {
  const { volumeName } = claim.spec
  if (!volumeName) {
    const message = 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!'
    await lose(binder, claim, { reason: 'ClaimLost', message })
    return
  }
  const volume = binder.volumes.get(volumeName)
  if (!volume) {
    const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'
    await lose(binder, claim, { reason: 'ClaimLost', message })
  } else if (!volume.spec.claimRef || volume.spec.claimRef.uid === claim.metadata.uid) {
    await bind(binder, volume, claim)
  } else if (!volume.spec.claimRef.uid && isVolumeOfClaim(volume, claim)) {
    await bind(binder, volume, claim)
  } else {
    const message = 'Two claims are bound to the same volume, this one is bound incorrectly'
    await lose(binder, claim, { reason: 'ClaimMisbound', message })
  }
}

async function lose(
  binder: Binder,
  claim: PersistentVolumeClaim,
  event: { reason: string; message: string },
): Promise<void> {
  if (claim.status?.phase === 'Lost') return
  await setClaimStatus(binder, claim, { phase: 'Lost' })
  binder.tellClaim(claim, { type: 'Warning', ...event })
}

/** A claim that names its volume itself. */
async function syncNamedVolume(binder: Binder, claim: PersistentVolumeClaim, name: string): Promise<void> {
  const volume = binder.volumes.get(name)
  if (volume && !volume.spec.claimRef) {
    const problem = mismatch(volume, claim)
    if (problem === undefined) {
      await bind(binder, volume, claim)
      return
    }
    const message = `Cannot bind to requested volume "${name}": ${problem}`
    binder.tellClaim(claim, { type: 'Warning', reason: 'VolumeMismatch', message })
  } else if (volume && isVolumeOfClaim(volume, claim)) {
    await bind(binder, volume, claim)
    return
  } else if (volume) {
    const message = `volume "${name}" already bound to a different claim.`
    binder.tellClaim(claim, { type: 'Warning', reason: 'FailedBinding', message })
  }
  await setClaimStatus(binder, claim, { phase: 'Pending' })
}

/** Why a volume does not do for the claim that names it (upstream: checkVolumeSatisfyClaim). */
function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  const [offered, wanted] = [storageOf(volume.spec.capacity), storageOf(claim.spec.resources?.requests)]
  if (compareQuantity(offered, wanted) < 0) return 'requested PV is too small'
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match'
  if (attributesClassOf(volume) !== attributesClassOf(claim))
    return 'volumeAttributesClassName does not match'
  if (volumeModeOf(volume) !== volumeModeOf(claim)) return 'incompatible volumeMode'
  return hasAccessModes(volume, claim) ? undefined : 'incompatible accessMode'
}

async function syncUnboundClaim(binder: Binder, claim: PersistentVolumeClaim): Promise<void> {
  const className = storageClassOf(claim)
  const isDelayed = binder.classes.get(className)?.volumeBindingMode === 'WaitForFirstConsumer'
  const isPlaced = claim.metadata.annotations?.[volumeAnnotations.selectedNode] !== undefined
  const volume = findMatchingVolume(claim, binder.volumes.list(), { onlyReserved: isDelayed })
  if (volume) {
    await bind(binder, volume, claim)
    return
  }
  if (await assignDefaultClass(binder, claim)) return
  let current = claim
  if (isDelayed && !isPlaced) tellWaiting(binder, claim)
  else if (className !== '') current = await requestProvisioning(binder, claim, className)
  else {
    const message = 'no persistent volumes available for this claim and no storage class is set'
    binder.tellClaim(claim, { type: 'Normal', reason: 'FailedBinding', message })
  }
  await setClaimStatus(binder, current, { phase: 'Pending' })
}

/** A claim from before there was a default class gets it after the fact (upstream: assignDefaultStorageClass). */
async function assignDefaultClass(binder: Binder, claim: PersistentVolumeClaim): Promise<boolean> {
  const isChosen = claim.metadata.annotations?.[volumeAnnotations.storageClass] !== undefined
  if (claim.spec.storageClassName !== undefined || isChosen) return false
  const found = newestClass(binder.classes.list().filter(isDefaultStorageClass))
  if (!found) return false
  const spec = { ...claim.spec, storageClassName: found.metadata.name }
  await binder.client.update(resources.persistentVolumeClaims, { ...claim, spec })
  return true
}

/** Says what a claim waits for whose volume is chosen together with its pod's node. */
function tellWaiting(binder: Binder, claim: PersistentVolumeClaim): void {
  const pods = binder.waitingPods(objectKey(claim)).map(({ metadata }) => metadata.name)
  const [reason, message] =
    pods.length === 0
      ? ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding']
      : [
          'WaitForPodScheduled',
          `waiting for ${pods.length > 1 ? 'pods' : 'pod'} ${pods.join(',')} to be scheduled`,
        ]
  binder.tellClaim(claim, { type: 'Normal', reason, message })
}
