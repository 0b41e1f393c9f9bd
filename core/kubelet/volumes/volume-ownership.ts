import type { Pod } from '../../api/generated/core-v1.ts'
import type { RuntimeVolume } from '../runtime/specs.ts'

/** What a group gets on files that containers cannot change, and on those they can. */
const readMask = 0o440
const readWriteMask = 0o660
const enterMask = 0o110
const setGroupId = 0o2000

/**
 * Gives a volume to the pod's fsGroup: group and group permissions on everything in it, the set-group-id bit on directories
 * (upstream: pkg/volume/volume_linux.go SetVolumeOwnership). Volumes of the node itself (hostPath) are left alone. Most
 * volumes are new whenever they are made, so that fsGroupChangePolicy makes a difference to persistent ones only.
 */
export function withFsGroup(pod: Pod, volume: RuntimeVolume): RuntimeVolume {
  const gid = pod.spec.securityContext?.fsGroup
  if (gid === undefined || volume.kind === 'hostPath' || volume.kind === 'image') return volume
  if (volume.kind === 'persistent') {
    const isOnce = pod.spec.securityContext?.fsGroupChangePolicy === 'OnRootMismatch'
    return volume.readOnly ? volume : { ...volume, gid, ...(isOnce ? { ownsWhenRootDiffers: true } : {}) }
  }
  const mask = volume.files ? readMask : readWriteMask
  const files = volume.files?.map((file) => ({ ...file, gid, mode: file.mode | readMask }))
  return {
    ...volume,
    gid,
    mode: volume.mode | mask | enterMask | setGroupId,
    ...(files ? { files } : {}),
  }
}

/** The user that all containers of a pod run as, if their specs name one and the same. */
export function commonUser(pod: Pod): number | undefined {
  const shared = pod.spec.securityContext?.runAsUser
  const { initContainers = [], containers } = pod.spec
  const users = new Set(
    [...initContainers, ...containers].map(({ securityContext }) => securityContext?.runAsUser ?? shared),
  )
  const [user] = users
  return users.size === 1 ? user : undefined
}
