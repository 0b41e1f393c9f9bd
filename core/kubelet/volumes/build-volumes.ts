import type { Pod, ProjectedVolumeSource, Volume } from '../../api/generated/core-v1.ts'
import { quantityValue } from '../../api/quantity.ts'
import type { RuntimeVolume, VolumeFile } from '../runtime/specs.ts'
import { claimedVolume } from './claimed-volume.ts'
import { VolumeError } from './volume-error.ts'
import { defaultFileMode, downwardFiles, keyedFiles } from './volume-files.ts'
import type { VolumeSources } from './volume-files.ts'
import { commonUser, withFsGroup } from './volume-ownership.ts'

/**
 * All volumes of a pod as the runtime makes them, contents included. Files go to memory volumes: secrets never reach a
 * disk. Throws a VolumeError for the first one that cannot be had.
 */
export async function buildVolumes(pod: Pod, sources: VolumeSources): Promise<RuntimeVolume[]> {
  return buildEach(pod, pod.spec.volumes ?? [], sources)
}

/** Only those volumes whose files follow an object of the API. */
export function buildFileVolumes(pod: Pod, sources: VolumeSources): Promise<RuntimeVolume[]> {
  return buildEach(pod, (pod.spec.volumes ?? []).filter(isFileVolume), sources)
}

/** Whether the kubelet keeps the volume's files up to date. */
export function isFileVolume({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return Boolean(configMap ?? secret ?? downwardAPI ?? projected)
}

function buildEach(pod: Pod, volumes: Volume[], sources: VolumeSources): Promise<RuntimeVolume[]> {
  return Promise.all(
    volumes.map(async (volume) => {
      try {
        return withFsGroup(pod, await buildVolume(volume, sources))
      } catch (error) {
        if (error instanceof VolumeError) throw error
        const message = (error as Error).message
        throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${message}`, {
          cause: error,
        })
      }
    }),
  )
}

/** A tmpfs is sticky, as /tmp is, unless one says otherwise, and upstream does not; a subPath that is made in it takes after it. */
const memoryMode = 0o1777

async function buildVolume(volume: Volume, sources: VolumeSources): Promise<RuntimeVolume> {
  const { name } = volume
  if (volume.emptyDir) {
    const { medium, sizeLimit } = volume.emptyDir
    if (medium !== 'Memory') return { name, kind: 'disk', mode: 0o777 }
    const sizeLimitBytes = memorySize(sizeLimit, sources)
    const isBounded = Number.isFinite(sizeLimitBytes)
    return { name, kind: 'memory', mode: memoryMode, ...(isBounded ? { sizeLimitBytes } : {}) }
  }
  if (volume.hostPath) {
    const { path, type = '' } = volume.hostPath
    return { name, kind: 'hostPath', mode: 0o755, hostPath: path, hostPathType: type }
  }
  if (volume.image) return { name, kind: 'image', mode: 0o755, image: volume.image.reference ?? '' }
  if (volume.persistentVolumeClaim ?? volume.ephemeral) {
    return claimedVolume(sources.view.pod, volume, sources)
  }
  const files = await buildFiles(volume, sources)
  // Upstream keeps ConfigMaps alone on disk.
  return { name, kind: 'memory', mode: volume.configMap ? 0o777 : memoryMode, files }
}

async function buildFiles(volume: Volume, sources: VolumeSources): Promise<VolumeFile[]> {
  if (volume.configMap) {
    const { name = '', optional, items, defaultMode: mode = defaultFileMode } = volume.configMap
    return keyedFiles({ what: 'configmap', name, optional, items, mode }, sources)
  }
  if (volume.secret) {
    const { secretName: name = '', optional, items, defaultMode: mode = defaultFileMode } = volume.secret
    return keyedFiles({ what: 'secret', name, optional, items, mode }, sources)
  }
  if (volume.downwardAPI) {
    const { items, defaultMode = defaultFileMode } = volume.downwardAPI
    return downwardFiles(items, defaultMode, sources)
  }
  if (volume.projected) return projectedFiles(volume.projected, sources)
  if (volume.csi) {
    const { driver } = volume.csi
    throw new Error(
      `kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name ${driver} not found in the list of registered CSI drivers`,
    )
  }
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'
  throw new Error(`${kind} volumes are not supported on this node`)
}

async function projectedFiles(
  projected: ProjectedVolumeSource,
  sources: VolumeSources,
): Promise<VolumeFile[]> {
  const mode = projected.defaultMode ?? defaultFileMode
  const parts = await Promise.all(
    (projected.sources ?? []).map(async (source): Promise<VolumeFile[]> => {
      if (source.configMap) {
        const { name = '', optional, items } = source.configMap
        return keyedFiles({ what: 'configmap', name, optional, items, mode }, sources)
      }
      if (source.secret) {
        const { name = '', optional, items } = source.secret
        return keyedFiles({ what: 'secret', name, optional, items, mode }, sources)
      }
      if (source.downwardAPI) return downwardFiles(source.downwardAPI.items, mode, sources)
      if (source.serviceAccountToken) {
        const token = await sources.requestToken(sources.view.pod, source.serviceAccountToken)
        const { path } = source.serviceAccountToken
        return [{ path, content: Buffer.from(token), ...tokenOwnership(sources.view.pod, mode) }]
      }
      throw new Error(`projected volumes of ${Object.keys(source).join(', ')} are not supported`)
    }),
  )
  // Of two sources with the same path the later one wins, as upstream.
  return [...new Map(parts.flat().map((file) => [file.path, file])).values()]
}

/** Tokens are for the pod's own user alone where it is known (upstream: projected.go). */
function tokenOwnership(pod: Pod, mode: number): { mode: number; uid?: number } {
  const uid = commonUser(pod)
  if (uid !== undefined) return { mode: 0o600, uid }
  return { mode: pod.spec.securityContext?.fsGroup === undefined ? mode : 0o600 }
}

/** The smallest of the volume's own limit, the pod's memory limits together, and what the node has (upstream: emptydir calculateEmptyDirMemorySize). */
function memorySize(limit: string | undefined, { view, allocatable }: VolumeSources): number {
  const podLimit = view.pod.spec.containers
    .map(({ resources }) => quantityValue(resources?.limits?.['memory']))
    .reduce((sum, bytes) => sum + bytes, 0)
  const bounds = [quantityValue(limit), podLimit, quantityValue(allocatable['memory'])]
  return Math.min(...bounds.filter((bytes) => bytes > 0))
}
