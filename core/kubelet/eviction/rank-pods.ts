import type { Pod } from '../../api/generated/core-v1.ts'
import { quantityValue } from '../../api/quantity.ts'
import { isStaticPod } from '../static/static-pod.ts'

/** What a pod uses of what the node is short of, in the resource's own unit. */
export interface MeasuredPod {
  pod: Pod
  used: number
  /** Uses by container, as far as they are known. */
  containers: Array<{ name: string; used: number }>
}

const systemCriticalPriority = 2_000_000_000

/** Pods that the node would not be one without are never evicted (upstream: kubelet/types IsCriticalPod). */
export function isCritical(pod: Pod): boolean {
  return isStaticPod(pod) || (pod.spec.priority ?? 0) >= systemCriticalPriority
}

/** What the pod's containers asked for of it, together. */
function requested({ spec }: Pod, resource: string): number {
  return spec.containers.reduce(
    (sum, { resources }) => sum + quantityValue(resources?.requests?.[resource]),
    0,
  )
}

/**
 * The pods in the order in which they go (upstream: eviction helpers rankMemoryPressure, rankDiskPressureFunc): first those
 * that use more than they asked for, among them those of lower priority, then those that exceed it by more.
 */
export function rankPods(pods: MeasuredPod[], resource: 'memory' | 'ephemeral-storage'): MeasuredPod[] {
  const excess = ({ pod, used }: MeasuredPod): number => used - requested(pod, resource)
  return pods
    .filter(({ pod }) => !isCritical(pod))
    .toSorted(
      (a, b) =>
        Number(excess(b) > 0) - Number(excess(a) > 0) ||
        (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) ||
        excess(b) - excess(a),
    )
}

/** The same where process ids are short: by priority, then those that have most (upstream: rankPIDPressure). */
export function rankByProcesses(pods: MeasuredPod[]): MeasuredPod[] {
  return pods
    .filter(({ pod }) => !isCritical(pod))
    .toSorted((a, b) => (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) || b.used - a.used)
}
