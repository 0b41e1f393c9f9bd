import type { Pod } from '../../api/generated/core-v1.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/generated/policy-v1.ts'
import { setCondition } from '../../api/conditions.ts'
import { scaledValue } from '../../api/int-or-string.ts'
import { rfc3339 } from '../../util/clock.ts'
import { isPodReady } from '../kit/pod-state.ts'

/** A pod whose eviction was let through and that is not being deleted by then will not be (upstream: DeletionTimeout). */
const deletionTimeoutMs = 120_000

/** How many pods a budget counts on, and how many of them must be healthy. */
export interface Expectation {
  expectedPods: number
  desiredHealthy: number
}

/** What a budget demands (upstream: getExpectedPodCount). `scale` is asked for only where it matters. */
export async function expectationOf(
  { spec }: PodDisruptionBudget,
  pods: Pod[],
  scale: () => Promise<number>,
): Promise<Expectation> {
  const { minAvailable, maxUnavailable } = spec
  if (maxUnavailable !== undefined) {
    const expectedPods = await scale()
    const unavailable = share(maxUnavailable, expectedPods)
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - unavailable) }
  }
  if (typeof minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: minAvailable }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 }
  const expectedPods = await scale()
  return { expectedPods, desiredHealthy: share(minAvailable, expectedPods) }
}

function share(value: number | string, total: number): number {
  const scaled = scaledValue(value, total, 'up')
  if (scaled === undefined)
    throw new Error(`invalid value for IntOrString: invalid type: string is not a percentage`)
  return scaled
}

/** The evictions let through that are still to be seen, those that never came about, and when to look again. */
export interface DisruptedPods {
  disrupted: Record<string, string>
  /** Pods that were to be deleted and were not. */
  notDeleted: Pod[]
  /** Milliseconds since the epoch. */
  recheckAt: number | undefined
}

/** Upstream: buildDisruptedPodMap. */
export function disruptedPods({ status }: PodDisruptionBudget, pods: Pod[], now: number): DisruptedPods {
  const result: DisruptedPods = { disrupted: {}, notDeleted: [], recheckAt: undefined }
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    const since = status?.disruptedPods?.[name]
    if (deletionTimestamp || since === undefined) continue
    const expectedBy = Date.parse(since) + deletionTimeoutMs
    if (expectedBy < now) result.notDeleted.push(pod)
    else {
      result.disrupted[name] = since
      result.recheckAt = Math.min(result.recheckAt ?? Infinity, expectedBy)
    }
  }
  return result
}

/** Pods that are ready and not about to go. */
export function countHealthy(pods: Pod[], disrupted: Record<string, string>): number {
  return pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && !(pod.metadata.name in disrupted) && isPodReady(pod),
  ).length
}

/** The status that a look at a budget comes to. */
export function budgetStatus(
  { metadata, status }: PodDisruptionBudget,
  counts: Expectation & { currentHealthy: number; disrupted: Record<string, string> },
  now: number,
): PodDisruptionBudgetStatus {
  const { expectedPods, desiredHealthy, currentHealthy, disrupted } = counts
  // A budget that matches no pods yet must not let the first of them go before it was looked at again.
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0
  const observedGeneration = metadata.generation ?? 0
  const isAllowed = disruptionsAllowed > 0
  const condition = {
    type: 'DisruptionAllowed',
    status: isAllowed ? 'True' : 'False',
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration,
    lastTransitionTime: '',
  }
  return {
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
    observedGeneration,
    conditions: withGeneration(setCondition(status?.conditions, condition, rfc3339(now)), observedGeneration),
  }
}

/** Nothing may be evicted while the budget cannot be worked out (upstream: failSafe). */
export function failedStatus(
  { metadata, status }: PodDisruptionBudget,
  error: Error,
  now: number,
): PodDisruptionBudgetStatus {
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'SyncFailed',
    message: error.message,
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime: '',
  }
  return {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...status,
    disruptionsAllowed: 0,
    conditions: setCondition(status?.conditions, condition, rfc3339(now)),
  }
}

/** A condition that did not change was nevertheless seen for this generation. */
function withGeneration<C extends { type: string; observedGeneration?: number }>(
  conditions: C[],
  observedGeneration: number,
): C[] {
  return conditions.map((condition) =>
    condition.type === 'DisruptionAllowed' ? { ...condition, observedGeneration } : condition,
  )
}
