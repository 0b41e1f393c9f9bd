import type { Pod } from '../../api/generated/core-v1.ts'
import { isTerminalPhase } from '../../api/pod-status.ts'

/**
 * Names of those of a claim's pods that are on other nodes and keep this one from a volume for one node (upstream: reconciler.go of the attach/detach
 * controller, multi-attach check). A pod that has begun keeps the volume; of those that have not, the eldest goes first.
 */
export function otherHolders(pod: Pod, pods: readonly Pod[]): string[] {
  return pods
    .filter(
      (other) =>
        other.metadata.uid !== pod.metadata.uid &&
        other.spec.nodeName !== undefined &&
        other.spec.nodeName !== pod.spec.nodeName &&
        !isTerminalPhase(other.status?.phase) &&
        (hasBegun(other) || isElder(other, pod)),
    )
    .map(({ metadata }) => metadata.name)
    .sort()
}

function hasBegun({ status }: Pod): boolean {
  const { phase, initContainerStatuses = [], containerStatuses = [] } = status ?? {}
  if (phase === 'Running') return true
  return [...initContainerStatuses, ...containerStatuses].some(
    ({ state }) => state?.running ?? state?.terminated,
  )
}

function isElder(a: Pod, b: Pod): boolean {
  const [left = '', right = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  return left === right ? (a.metadata.uid ?? '') < (b.metadata.uid ?? '') : left < right
}
