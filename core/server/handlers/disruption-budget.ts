import type { Pod } from '../../api/generated/core-v1.ts'
import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import { findCondition, isConditionTrue, setCondition } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { labelMatcher } from '../../api/selectors.ts'
import { failure, forbidden, isConflict, timeoutError, type StatusError } from '../../api/status.ts'
import type { Registry, ResourceRegistry, WriteOptions } from '../../registry/registry.ts'

const { group, version, resource } = resources.podDisruptionBudgets
/** Evictions that the disruption controller has not seen yet (upstream: MaxDisruptedPodSize). */
const maxDisruptedPods = 2000
const maxTries = 20

/**
 * Takes one disruption from the pod's budget. `as it is`: the pod is not healthy and its budget does not hold it, so that
 * nothing was taken. Throws 429 when the budget has none left, 500 when several budgets select the pod.
 */
export async function spendDisruption(
  registry: Registry,
  pod: Pod,
  options: WriteOptions,
): Promise<'spent' | 'as it is'> {
  const budgets = registry.resource(group, version, resource)
  const { namespace = '', name } = pod.metadata
  if (!budgets) return 'spent'
  for (let tries = 1; ; tries++) {
    const budget = await budgetOf(budgets, pod)
    if (!budget) return 'spent'
    if (!isConditionTrue(pod.status?.conditions, 'Ready') && letsUnhealthyGo(budget)) return 'as it is'
    const status = spend(budget, name, options.context.now)
    if (options.context.dryRun) return 'spent'
    try {
      const ref = { namespace, name: budget.metadata.name }
      await budgets.update(ref, { ...budget, status } as PodDisruptionBudget, {
        ...options,
        subresource: 'status',
      })
      return 'spent'
    } catch (error) {
      if (!isConflict(error)) throw error
      if (tries >= maxTries) {
        throw timeoutError(
          `couldn't update PodDisruptionBudget "${budget.metadata.name}" due to conflicts`,
          10,
        )
      }
    }
  }
}

async function budgetOf(budgets: ResourceRegistry, pod: Pod): Promise<PodDisruptionBudget | undefined> {
  const { namespace = '', labels } = pod.metadata
  const { entries } = await budgets.list({ namespace })
  const matching = entries
    .map(({ object }) => object as PodDisruptionBudget)
    .filter(({ spec }) => labelMatcher(spec.selector)(labels))
  if (matching.length > 1) {
    throw failure(
      500,
      '',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  }
  return matching[0]
}

/** Whether a pod that is not ready may go without counting (upstream: PDBUnhealthyPodEvictionPolicy). */
function letsUnhealthyGo({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

/** The status with one disruption less (upstream: checkAndDecrement). */
function spend(budget: PodDisruptionBudget, podName: string, now: string): PodDisruptionBudget['status'] {
  const { metadata, status } = budget
  const { name, generation = 0 } = metadata
  if (!status || (status.observedGeneration ?? 0) < generation) {
    throw tooMany(10, `The disruption budget ${name} is still being processed by the server.`)
  }
  const { disruptionsAllowed = 0, disruptedPods = {} } = status
  const budgetResource = { group, resource: 'poddisruptionbudget' }
  if (disruptionsAllowed < 0) {
    throw forbidden(budgetResource, name, 'pdb disruptions allowed is negative')
  }
  if (Object.keys(disruptedPods).length > maxDisruptedPods) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    throw forbidden(budgetResource, name, why)
  }
  if (disruptionsAllowed === 0) throw tooMany(0, whyNone(budget))
  const left = {
    ...status,
    disruptionsAllowed: disruptionsAllowed - 1,
    disruptedPods: { ...disruptedPods, [podName]: now },
  }
  if (left.disruptionsAllowed > 0) return left
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    observedGeneration: status.observedGeneration ?? generation,
    lastTransitionTime: '',
  }
  return { ...left, conditions: setCondition(status.conditions, condition, now) }
}

function whyNone({ metadata: { name }, status }: PodDisruptionBudget): string {
  const condition = findCondition(status?.conditions, 'DisruptionAllowed')
  if (condition?.status === 'False' && condition.reason === 'SyncFailed') {
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${condition.message}`
  }
  return `The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`
}

function tooMany(retryAfterSeconds: number, message: string): StatusError {
  return failure(
    429,
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      causes: [{ reason: 'DisruptionBudget', message }],
      ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    },
  )
}
