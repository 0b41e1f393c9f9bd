import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import { labelMatcher } from '../../api/selectors.ts'
import type { PodInfo } from '../pod-info.ts'

/**
 * Which of these pods, taken in this order, a budget would no longer let go (upstream: filterPodsWithPDBViolation). A
 * budget with an empty selector covers nothing; a pod whose disruption it has counted already costs nothing more.
 */
export function violatingPods(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): Set<PodInfo> {
  const violating = new Set<PodInfo>()
  const counted = budgets.flatMap((budget) => {
    const { matchLabels, matchExpressions } = budget.spec?.selector ?? {}
    if (Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0) return []
    return [
      {
        budget,
        matches: labelMatcher(budget.spec?.selector),
        allowed: budget.status?.disruptionsAllowed ?? 0,
      },
    ]
  })
  for (const info of pods) {
    for (const entry of counted) {
      const { metadata, status } = entry.budget
      if (metadata.namespace !== info.namespace || !info.labels || !entry.matches(info.labels)) continue
      if (status?.disruptedPods?.[info.pod.metadata.name] !== undefined) continue
      entry.allowed -= 1
      if (entry.allowed < 0) violating.add(info)
    }
  }
  return violating
}
