import { createHash } from 'node:crypto'
import type { CsiVolume } from '../../api/csi-volume.ts'

/** Name of the VolumeAttachment of a volume and a node (upstream: volume/csi getAttachmentName). */
export function attachmentName({ driver, volumeHandle }: CsiVolume, nodeName: string): string {
  return `csi-${createHash('sha256').update(`${volumeHandle}${driver}${nodeName}`).digest('hex')}`
}

/** Whether attachmentName made this name: somebody else's VolumeAttachments are left alone. */
export function isAttachmentName(name: string): boolean {
  return /^csi-[0-9a-f]{64}$/.test(name)
}
