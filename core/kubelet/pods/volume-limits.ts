import type { Pod } from '../../api/generated/core-v1.ts'
import { quantityValue } from '../../api/quantity.ts'
import { evictPod } from '../eviction/evict-pod.ts'
import type { SandboxStatus } from '../runtime/specs.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import type { PodRecord } from './pod-record.ts'

/** How often disk volumes with a limit are measured (upstream: the eviction manager's monitoring interval). */
const measurePeriodMs = 10_000

interface LimitedVolume {
  name: string
  limit: string
}

/** The emptyDir volumes on disk that have a size limit; those in memory are limited by the kernel. */
function limitedVolumes(pod: Pod): LimitedVolume[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, emptyDir }) => {
    const limit = emptyDir?.medium === 'Memory' ? undefined : emptyDir?.sizeLimit
    return limit !== undefined && quantityValue(limit) > 0 ? [{ name, limit }] : []
  })
}

/**
 * Evicts a pod one of whose emptyDir volumes has outgrown its limit (upstream: eviction manager emptyDirLimitEviction).
 * Answers when to look again; undefined for pods without such volumes.
 */
export async function enforceVolumeLimits(
  parts: KubeletParts,
  record: PodRecord,
  sandbox: SandboxStatus,
): Promise<number | undefined> {
  const limited = limitedVolumes(record.pod)
  if (limited.length === 0) return undefined
  const now = parts.clock.now()
  const dueInMs = (record.measuredAt ?? 0) + measurePeriodMs - now
  if (dueInMs > 0) return dueInMs
  record.measuredAt = now
  try {
    const usage = await parts.runtime.volumeUsage(
      sandbox.id,
      limited.map(({ name }) => name),
    )
    const outgrown = limited.find(({ name, limit }) => (usage.get(name) ?? 0) > quantityValue(limit))
    if (outgrown) evict(parts, record, outgrown)
  } catch (error) {
    parts.log.warn('volumes could not be measured', { pod: record.pod.metadata.name, error })
  }
  return record.verdict ? 0 : measurePeriodMs
}

function evict(parts: KubeletParts, record: PodRecord, volume: LimitedVolume): void {
  const message = `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${volume.limit}". `
  parts.metrics?.evicted('emptydirfs.limit')
  evictPod(parts, record, { message })
}
