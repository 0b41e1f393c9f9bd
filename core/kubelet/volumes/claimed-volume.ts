import { uniqueVolumeName } from '../../api/csi-volume.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { foreignClaimProblem, podClaims, type PodClaim } from '../../api/pod-claims.ts'
import { localProvisioner } from '../../api/volume-annotations.ts'
import { fitsNode, volumeModeOf } from '../../api/volume-binding.ts'
import type { RuntimeVolume } from '../runtime/specs.ts'
import { otherHolders } from './multi-attach.ts'
import type { StorageSource } from './storage-source.ts'
import { VolumeError } from './volume-error.ts'
import type { VolumeSources } from './volume-files.ts'

/**
 * The volume behind a claim as the runtime mounts it. Throws a VolumeError in upstream's words for a claim that is not ready, a
 * volume that this node must not use now, and one of a kind that cannot be mounted here.
 */
export async function claimedVolume(
  pod: Pod,
  volume: Volume,
  sources: Pick<VolumeSources, 'storage' | 'useAttachable'>,
): Promise<RuntimeVolume> {
  const { storage: source } = sources
  const used = podClaims(pod).find((candidate) => candidate.volume === volume.name)
  if (!used) throw new Error('the volume names no claim')
  const { claim, persistentVolume } = await readBinding(pod, used, source)
  checkModes(pod, volume.name, persistentVolume)
  await checkNode(pod, persistentVolume, source)
  await checkHolders(pod, { claim, persistentVolume }, source)
  await checkAttached(pod, { volume: volume.name, persistentVolume }, sources)
  const readOnly = volume.persistentVolumeClaim?.readOnly === true || isReadOnlyMany(persistentVolume)
  return { name: volume.name, ...mountOf(persistentVolume), ...(readOnly ? { readOnly } : {}) }
}

interface Binding {
  claim: PersistentVolumeClaim
  persistentVolume: PersistentVolume
}

/** Claim and volume, bound to each other (upstream: desired_state_of_world_populator.go createVolumeSpec). */
async function readBinding(pod: Pod, used: PodClaim, source: StorageSource): Promise<Binding> {
  const { namespace = '' } = pod.metadata
  const refuse = (problem: string): VolumeError =>
    new VolumeError(
      `Unable to attach or mount volumes: unmounted volumes=[${used.volume}], unattached volumes=[], failed to process volumes=[${used.volume}]: error processing PVC ${namespace}/${used.claim}: ${problem}`,
    )
  const claim = await source.claim(namespace, used.claim)
  if (!claim) {
    throw refuse(`failed to fetch PVC from API server: persistentvolumeclaims "${used.claim}" not found`)
  }
  const foreign = used.isEphemeral ? foreignClaimProblem(pod, claim) : undefined
  if (foreign !== undefined) throw refuse(foreign)
  if (claim.metadata.deletionTimestamp) throw refuse('PVC is being deleted')
  const { volumeName } = claim.spec
  if (claim.status?.phase !== 'Bound' || !volumeName) throw refuse('PVC is not bound')
  const persistentVolume = await source.persistentVolume(volumeName)
  if (!persistentVolume)
    throw refuse(`failed to get PV ${volumeName}: persistentvolumes "${volumeName}" not found`)
  const boundTo = persistentVolume.spec.claimRef?.uid
  if (boundTo !== claim.metadata.uid) {
    throw refuse(
      `found PV object ${volumeName} with a pv.Spec.ClaimRef.UID ${boundTo ?? ''} that does not point to claim.UID ${claim.metadata.uid}`,
    )
  }
  return { claim, persistentVolume }
}

function checkModes(pod: Pod, name: string, volume: PersistentVolume): void {
  const { initContainers = [], containers } = pod.spec
  const all = [...initContainers, ...containers]
  const isMounted = all.some(({ volumeMounts }) => volumeMounts?.some((mount) => mount.name === name))
  const isDevice = all.some(({ volumeDevices }) => volumeDevices?.some((device) => device.name === name))
  const isBlock = volumeModeOf(volume) === 'Block'
  if (isBlock && isMounted) {
    throw new VolumeError(`volume ${name} has volumeMode Block, but is specified in volumeMounts`)
  }
  if (!isBlock && isDevice) {
    throw new VolumeError(`volume ${name} has volumeMode Filesystem, but is specified in volumeDevices`)
  }
  if (!isBlock) return
  throw new VolumeError(
    `MapVolume.SetUpDevice failed for volume "${volume.metadata.name}" : block volumes are not supported on this node: containers get file systems only`,
    { reason: 'FailedMapVolume' },
  )
}

async function checkNode(pod: Pod, volume: PersistentVolume, source: StorageSource): Promise<void> {
  if (!volume.spec.nodeAffinity) return
  const node = await source.getNode(pod.spec.nodeName ?? '')
  if (node && fitsNode(volume, node)) return
  throw new VolumeError(
    `MountVolume.NodeAffinity check failed for volume "${volume.metadata.name}" : no matching NodeSelectorTerms`,
  )
}

/** Only the built-in volumes can be had on one node at a time; a path of the host belongs to every node. */
async function checkHolders(pod: Pod, binding: Binding, source: StorageSource): Promise<void> {
  const { claim, persistentVolume } = binding
  if (persistentVolume.spec.csi?.driver !== localProvisioner) return
  const modes = persistentVolume.spec.accessModes ?? []
  if (modes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')) return
  const pods = await source.podsUsing(objectKey(claim))
  const holders = otherHolders(pod, pods)
  if (holders.length === 0) return
  throw new VolumeError(
    `Multi-Attach error for volume "${persistentVolume.metadata.name}" Volume is already used by pod(s) ${holders.join(', ')}`,
    { reason: 'FailedAttachVolume' },
  )
}

/** A volume that has to be attached is there once the Node says so (upstream: VerifyControllerAttachedVolume). */
async function checkAttached(
  pod: Pod,
  used: { volume: string; persistentVolume: PersistentVolume },
  { storage, useAttachable }: Pick<VolumeSources, 'storage' | 'useAttachable'>,
): Promise<void> {
  const { csi } = used.persistentVolume.spec
  if (!csi || csi.driver === localProvisioner) return
  const driver = await storage.csiDriver(csi.driver)
  if (driver?.spec.attachRequired === false) return
  const name = uniqueVolumeName(csi)
  useAttachable(pod, name)
  const node = await storage.getNode(pod.spec.nodeName ?? '')
  if (node?.status?.volumesAttached?.some((attached) => attached.name === name)) return
  throw new VolumeError(
    `Unable to attach or mount volumes: unmounted volumes=[${used.volume}], unattached volumes=[${used.volume}], failed to process volumes=[]: volume "${used.persistentVolume.metadata.name}" is not attached to the node yet`,
  )
}

function isReadOnlyMany({ spec: { accessModes = [] } }: PersistentVolume): boolean {
  return accessModes.length > 0 && accessModes.every((mode) => mode === 'ReadOnlyMany')
}

function mountOf({ metadata: { name }, spec }: PersistentVolume): Omit<RuntimeVolume, 'name'> {
  const { csi, hostPath, local } = spec
  if (hostPath) {
    return { kind: 'hostPath', mode: 0o755, hostPath: hostPath.path, hostPathType: hostPath.type ?? '' }
  }
  // A local volume is a place that somebody prepared: it is never made.
  if (local) return { kind: 'hostPath', mode: 0o755, hostPath: local.path, hostPathType: 'Exists' }
  if (csi?.driver === localProvisioner) return { kind: 'persistent', mode: 0o777, handle: csi.volumeHandle }
  if (csi) {
    throw new VolumeError(
      `MountVolume.MountDevice failed for volume "${name}" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name ${csi.driver} not found in the list of registered CSI drivers`,
    )
  }
  const type = Object.keys(spec).find((key) => volumeTypes.has(key)) ?? 'of unknown type'
  throw new VolumeError(
    `MountVolume.SetUp failed for volume "${name}" : ${type} volumes are not supported on this node; use hostPath, local, or the StorageClass of the built-in provisioner`,
  )
}

const volumeTypes = new Set([
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'glusterfs',
  'iscsi',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
])
