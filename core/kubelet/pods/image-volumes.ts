import type { Container } from '../../api/generated/core-v1.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { noteImageWait } from './note-image-wait.ts'
import type { PodRecord } from './pod-record.ts'
import type { SyncResult } from './pod-workers.ts'

/**
 * Has the images of a pod's image volumes on the node before its sandbox is made, under each volume's own pull policy
 * (upstream: kubelet imageVolumePulls). Undefined when all are there; else the containers that mount one wait, with its reason.
 */
export async function ensureImageVolumes(
  parts: KubeletParts,
  record: PodRecord,
): Promise<SyncResult | undefined> {
  const { pod } = record
  let result: SyncResult | undefined
  for (const { name, image } of pod.spec.volumes ?? []) {
    if (!image) continue
    const { initContainers = [], containers } = pod.spec
    const users = [...initContainers, ...containers].filter(({ volumeMounts }) =>
      volumeMounts?.some((mount) => mount.name === name),
    )
    const [user] = users
    if (!user) continue
    const wanted: Container = {
      name: user.name,
      image: image.reference ?? '',
      ...(image.pullPolicy ? { imagePullPolicy: image.pullPolicy } : {}),
    }
    const verdict = await parts.images.ensure(pod, wanted)
    if ('image' in verdict) {
      for (const container of users) record.waiting.delete(container.name)
      continue
    }
    for (const container of users) {
      result = { ...result, ...noteImageWait(record, { container, hasRun: false }, verdict) }
    }
  }
  return result
}
