import type { CSIPersistentVolumeSource } from './generated/core-v1.ts'

/** What tells a CSI volume from all others. */
export type CsiVolume = Pick<CSIPersistentVolumeSource, 'driver' | 'volumeHandle'>

/** A CSI volume as `volumesInUse` and `volumesAttached` of a node name it (upstream: volume/util GetUniqueVolumeName). */
export function uniqueVolumeName({ driver, volumeHandle }: CsiVolume): string {
  return `kubernetes.io/csi/${driver}^${volumeHandle}`
}
