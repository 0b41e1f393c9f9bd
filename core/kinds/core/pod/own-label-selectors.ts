import type { Pod } from '../../../api/generated/core-v1.ts'
import type { LabelSelector } from '../../../api/meta.ts'

/**
 * Writes the values of the pod's own labels, where a selector takes them by key, into the selector itself (upstream:
 * pkg/registry/core/pod/strategy.go mutatePodAffinity and mutateTopologySpreadConstraints).
 */
export function fillOwnLabels({ metadata, spec }: Pod): void {
  const { labels = {} } = metadata
  for (const affinity of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    const terms = [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm }) => podAffinityTerm,
      ),
    ]
    for (const { labelSelector, matchLabelKeys, mismatchLabelKeys } of terms) {
      fill(labelSelector, labels, { keys: matchLabelKeys, operator: 'In' })
      fill(labelSelector, labels, { keys: mismatchLabelKeys, operator: 'NotIn' })
    }
  }
  for (const { labelSelector, matchLabelKeys } of spec.topologySpreadConstraints ?? []) {
    fill(labelSelector, labels, { keys: matchLabelKeys, operator: 'In' })
  }
}

/** A selector that is absent selects nothing, and goes on to. */
function fill(
  selector: LabelSelector | undefined,
  labels: Record<string, string>,
  { keys = [], operator }: { keys: string[] | undefined; operator: 'In' | 'NotIn' },
): void {
  if (!selector) return
  for (const key of keys) {
    const value = labels[key]
    if (value !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [value] })
  }
}
