import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import { resources } from '../../api/resources.ts'
import { isAlreadyExists, isNotFound } from '../../api/status.ts'
import { localProvisioner, provisionerFinalizer, volumeAnnotations } from '../../api/volume-annotations.ts'
import { storageClassOf, storageOf, volumeModeOf } from '../../api/volume-binding.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'
import type { VolumeHost } from './volume-host.ts'

export interface LocalProvisionerOptions extends ControllerDependencies {
  volumeHost: VolumeHost
}

/**
 * Makes and deletes the volumes of classes with the provisioner `local.wheelhouse.io`, with the events of an external
 * provisioner (upstream: sig-storage-lib-external-provisioner controller.go): one loop for claims, one for volumes.
 */
export function createLocalProvisioner(options: LocalProvisionerOptions): Controller[] {
  const recorder = options.recorder(localProvisioner)
  const classes = options.informers.informer(resources.storageClasses)
  const claims = defineController(options, {
    name: 'local-provisioner',
    for: resources.persistentVolumeClaims,
    watches: [{ resource: resources.storageClasses, keysOf: () => [] }],
    async reconcile({ object: claim }) {
      const found = claim && classes.store.get(storageClassOf(claim))
      if (found && isOurs(claim, found)) await provision({ ...options, recorder }, claim, found)
    },
  })
  const volumes = defineController(options, {
    name: 'local-volume-deleter',
    for: resources.persistentVolumes,
    async reconcile({ object: volume }) {
      if (volume?.metadata.annotations?.[volumeAnnotations.provisionedBy] !== localProvisioner) return
      await reclaim({ ...options, recorder }, volume)
    },
  })
  return [claims, volumes]
}

type Parts = Pick<LocalProvisionerOptions, 'client' | 'volumeHost'> & { recorder: EventRecorder }

/** The binder has handed the claim over, and where it has to wait for a node that is chosen (upstream: shouldProvision). */
function isOurs({ metadata, spec }: PersistentVolumeClaim, storageClass: StorageClass): boolean {
  const { annotations = {} } = metadata
  if (spec.volumeName || metadata.deletionTimestamp) return false
  if (annotations[volumeAnnotations.storageProvisioner] !== localProvisioner) return false
  if (storageClass.provisioner !== localProvisioner) return false
  const isDelayed = storageClass.volumeBindingMode === 'WaitForFirstConsumer'
  return !isDelayed || annotations[volumeAnnotations.selectedNode] !== undefined
}

async function provision(
  { client, volumeHost, recorder }: Parts,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
): Promise<void> {
  const { namespace = '', name } = claim.metadata
  const involved = referenceTo(resources.persistentVolumeClaims, claim)
  const volume = volumeFor(claim, storageClass)
  const message = `External provisioner is provisioning volume for claim "${namespace}/${name}"`
  recorder.record(involved, { type: 'Normal', reason: 'Provisioning', message })
  try {
    const problem = unsupported(claim)
    if (problem !== undefined) throw new Error(problem)
    await volumeHost.create(volume.metadata.name, { namespace, name })
    await client.create(resources.persistentVolumes, volume)
  } catch (error) {
    // Made by an earlier try whose answer was not seen.
    if (isAlreadyExists(error)) return
    recorder.record(involved, {
      type: 'Warning',
      reason: 'ProvisioningFailed',
      message: `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${(error as Error).message}`,
    })
    throw error
  }
  recorder.record(involved, {
    type: 'Normal',
    reason: 'ProvisioningSucceeded',
    message: `Successfully provisioned volume ${volume.metadata.name}`,
  })
}

function unsupported(claim: PersistentVolumeClaim): string | undefined {
  if (volumeModeOf(claim) === 'Block') return `${localProvisioner} does not support block volume provisioning`
  if (claim.spec.selector) return 'claim Selector is not supported'
  if (claim.spec.dataSource ?? claim.spec.dataSourceRef) {
    return `${localProvisioner} cannot make a volume from a data source`
  }
  return undefined
}

function volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass): PersistentVolume {
  const { namespace = '', name, uid = '', resourceVersion = '' } = claim.metadata
  const volumeName = `pvc-${uid}`
  const { mountOptions, reclaimPolicy } = storageClass
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeName,
      annotations: { [volumeAnnotations.provisionedBy]: localProvisioner },
      finalizers: [provisionerFinalizer],
    },
    spec: {
      accessModes: claim.spec.accessModes ?? [],
      capacity: { storage: storageOf(claim.spec.resources?.requests) },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      csi: { driver: localProvisioner, volumeHandle: volumeName },
      persistentVolumeReclaimPolicy: reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: 'Filesystem',
      ...(mountOptions?.length ? { mountOptions } : {}),
      ...(claim.spec.volumeAttributesClassName && {
        volumeAttributesClassName: claim.spec.volumeAttributesClassName,
      }),
    },
  }
}

/** Deletes a released volume's storage and then the volume; lets go of one that is deleted but whose storage is to stay. */
async function reclaim({ client, volumeHost, recorder }: Parts, volume: PersistentVolume): Promise<void> {
  const { name, finalizers = [], deletionTimestamp } = volume.metadata
  const { csi, persistentVolumeReclaimPolicy: policy } = volume.spec
  const phase = volume.status?.phase
  const isDeletable = policy === 'Delete' && (phase === 'Released' || phase === 'Failed')
  if (!isDeletable) {
    const isKept = policy !== 'Delete' && deletionTimestamp !== undefined && phase !== 'Bound'
    if (isKept) await dropFinalizer(client, volume)
    return
  }
  try {
    if (csi) await volumeHost.remove(csi.volumeHandle)
  } catch (error) {
    const message = (error as Error).message
    recorder.record(referenceTo(resources.persistentVolumes, volume), {
      type: 'Warning',
      reason: 'VolumeFailedDelete',
      message,
    })
    throw error
  }
  if (!deletionTimestamp) {
    try {
      await client.delete(resources.persistentVolumes, { name })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  if (finalizers.includes(provisionerFinalizer)) await dropFinalizer(client, volume)
}

async function dropFinalizer(
  client: Parts['client'],
  { metadata: { name } }: PersistentVolume,
): Promise<void> {
  try {
    const current = await client.get(resources.persistentVolumes, { name })
    const finalizers = current.metadata.finalizers ?? []
    if (!finalizers.includes(provisionerFinalizer)) return
    const rest = finalizers.filter((one) => one !== provisionerFinalizer)
    await client.update(resources.persistentVolumes, {
      ...current,
      metadata: { ...current.metadata, finalizers: rest },
    })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
