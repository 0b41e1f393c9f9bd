import type { Pod } from '../../../api/generated/core-v1.ts'

/**
 * Gives a new status the generations that it does not say from the one before: a kubelet that does not know of them cannot take
 * them away (upstream: preserveOldObservedGeneration). Conditions of one type get theirs in their order.
 */
export function keepGenerations({ status }: Pod, { status: before }: Pod): void {
  if (!status || !before) return
  if (!status.observedGeneration && before.observedGeneration) {
    status.observedGeneration = before.observedGeneration
  }
  const left = Map.groupBy(before.conditions ?? [], ({ type }) => type)
  for (const condition of status.conditions ?? []) {
    const observed = left.get(condition.type)?.shift()?.observedGeneration
    if (!condition.observedGeneration && observed) condition.observedGeneration = observed
  }
}
