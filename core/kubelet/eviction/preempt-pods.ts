import type { Pod } from '../../api/generated/core-v1.ts'
import type { Shortfall } from '../pods/refuse-unfit.ts'
import type { KubeletParts } from '../pods/kubelet-parts.ts'
import { shortfalls } from '../pods/refuse-unfit.ts'
import { preemptedPods } from './preempted-pods.ts'
import { isCritical } from './rank-pods.ts'

/**
 * Whether a critical pod that does not fit may wait because others make way for it (upstream: kubelet/preemption
 * HandleAdmissionFailure). Those that were told to go and have not gone yet count as gone, so that nobody else has to go.
 */
export function makeRoom(
  parts: Pick<KubeletParts, 'isEnding' | 'preempt' | 'node' | 'metrics'>,
  pod: Pod,
  { others, lacking }: { others: Pod[]; lacking: Shortfall[] },
): boolean {
  if (lacking.length === 0 || !isCritical(pod)) return false
  const staying = others.filter(({ metadata }) => !parts.isEnding(metadata.uid ?? ''))
  const still = shortfalls(pod, staying, parts.node().allocatable)
  const needed = new Map(
    still.map(({ resource, requested, used, capacity }) => [resource, requested + used - capacity]),
  )
  const victims = preemptedPods(pod, staying, needed)
  if (!victims) return false
  for (const { metadata } of victims) {
    parts.metrics?.preempted(lacking[0]?.resource ?? '')
    parts.preempt(metadata.uid ?? '')
  }
  return true
}
