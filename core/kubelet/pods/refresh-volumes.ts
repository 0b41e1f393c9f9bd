import { createHash } from 'node:crypto'
import type { SandboxStatus, VolumeFile } from '../runtime/specs.ts'
import { isFileVolume } from '../volumes/build-volumes.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import type { PodRecord } from './pod-record.ts'

/** How often a running pod's volumes are compared with their sources (upstream: syncFrequency). */
const refreshPeriodMs = 60_000

/** What tells one content of a volume from another. */
export function digestFiles(files: readonly VolumeFile[]): string {
  const hash = createHash('sha256')
  for (const { path, content, mode, uid = 0, gid = 0 } of files) {
    hash.update(`${path}\0${mode}\0${uid}\0${gid}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

function hasFiles({ pod }: PodRecord): boolean {
  return (pod.spec.volumes ?? []).some(isFileVolume)
}

/**
 * Brings changed ConfigMaps and Secrets and renewed tokens into the volumes of a running pod, once a minute or `now`. Answers when to
 * look again; undefined for pods without such volumes. A source that cannot be had now leaves the files as they are.
 */
export async function refreshVolumes(
  parts: KubeletParts,
  record: PodRecord,
  sandbox: SandboxStatus,
  when?: 'now',
): Promise<number | undefined> {
  if (!hasFiles(record)) return undefined
  const { volumes, pod } = record
  const dueInMs = when ? 0 : volumes.checkedAt + refreshPeriodMs - parts.clock.now()
  if (dueInMs > 0) return dueInMs
  volumes.checkedAt = parts.clock.now()
  const node = parts.node()
  const podIps = sandbox.ip === undefined ? node.ips : [sandbox.ip]
  try {
    const view = { pod, podIps, hostIps: node.ips }
    for (const { name, files } of await parts.volumes.buildFiles(view, node.allocatable)) {
      if (!files) continue
      const digest = digestFiles(files)
      if (volumes.digests.get(name) === digest) continue
      await parts.runtime.writeVolume(sandbox.id, name, files)
      volumes.digests.set(name, digest)
    }
  } catch (error) {
    parts.log.warn('volumes could not be brought up to date', { pod: pod.metadata.name, error })
  }
  return refreshPeriodMs
}
