import type { Pod } from '../../api/generated/core-v1.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/generated/policy-v1.ts'
import { controllerOf, objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller } from '../kit/controller.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { goSelector } from '../kit/go-selector.ts'
import { selectorOf } from '../kit/selector-of.ts'
import { budgetStatus, countHealthy, disruptedPods, expectationOf, failedStatus } from './budget-status.ts'
import { expectedScale } from './expected-scale.ts'
import type { DisruptionOptions } from './options.ts'
import { scaledWorkloads } from './scaled-workloads.ts'

const unmanaged =
  'were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'

/**
 * Keeps the status of PodDisruptionBudgets: how many of their pods may be evicted now (upstream: pkg/controller/disruption).
 * The eviction API goes by it.
 */
export function createDisruptionController(options: DisruptionOptions): Controller {
  const { client, informers, clock, recorder } = options
  const events = recorder('controllermanager')
  const budgets = informers.informer(resources.podDisruptionBudgets)
  const pods = informers.informer(resources.pods)

  function record(
    budget: PodDisruptionBudget,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    events.record(referenceTo(resources.podDisruptionBudgets, budget), { type, reason, message })
  }

  function podsOf(budget: PodDisruptionBudget): Pod[] {
    const matches = selectorOf(budget.spec.selector)
    return pods.store
      .inNamespace(budget.metadata.namespace)
      .filter(({ metadata }) => matches(metadata.labels))
  }

  async function write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> {
    if (deepEqual(budget.status, status)) return
    try {
      await client.updateStatus(resources.podDisruptionBudgets, { ...budget, status })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function sync(budget: PodDisruptionBudget): Promise<Result | void> {
    const now = clock.now()
    const matching = podsOf(budget)
    if (matching.length === 0) record(budget, 'Normal', 'NoPods', 'No matching pods found')
    const isUnmanaged = matching.some((pod) => !controllerOf(pod))
    let usesScale = false
    const scale = (): Promise<number> => {
      usesScale = true
      return expectedScale(options, matching)
    }
    const expectation = await expectationOf(budget, matching, scale).catch((error: unknown) => {
      const { message } = error as Error
      const text = `Failed to calculate the number of expected pods: ${message}`
      record(budget, 'Warning', 'CalculateExpectedPodCountFailed', text)
      throw error
    })
    if (usesScale && isUnmanaged) {
      const text = `Pods selected by this PodDisruptionBudget (selector: ${goSelector(budget.spec.selector)}) ${unmanaged}`
      record(budget, 'Warning', 'UnmanagedPods', text)
    }
    const { disrupted, notDeleted, recheckAt } = disruptedPods(budget, matching, now)
    for (const pod of notDeleted) {
      events.record(referenceTo(resources.pods, pod), {
        type: 'Warning',
        reason: 'NotDeleted',
        message: `Pod was expected by PDB ${objectKey(budget)} to be deleted but it wasn't`,
      })
    }
    const currentHealthy = countHealthy(matching, disrupted)
    await write(budget, budgetStatus(budget, { ...expectation, currentHealthy, disrupted }, now))
    if (recheckAt !== undefined) return { requeueAfterMs: Math.max(1, recheckAt - now + 1) }
  }

  /** Budgets of pods as they are and as they were: labels may have changed. */
  function budgetsOf(states: Array<Pod | undefined>): string[] {
    return states.flatMap((pod) =>
      pod
        ? budgets.store
            .inNamespace(pod.metadata.namespace)
            .filter(({ spec }) => matchesQuietly(spec.selector, pod))
            .map(objectKey)
        : [],
    )
  }

  function tellOfSeveral(pod: Pod): void {
    const [first, second] = budgetsOf([pod])
    if (!first || !second) return
    const { namespace, name } = pod.metadata
    const chosen = first.slice(first.indexOf('/') + 1)
    const message = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${chosen}" arbitrarily.`
    events.record(referenceTo(resources.pods, pod), {
      type: 'Warning',
      reason: 'MultiplePodDisruptionBudgets',
      message,
    })
  }

  /** Budgets whose pods this object controls, directly or through what it owns. */
  function budgetsInNamespace(namespace: string | undefined): string[] {
    return budgets.store.inNamespace(namespace).map(objectKey)
  }

  const scaled = scaledWorkloads.map((resource) =>
    watchOf(resource, ({ type, object, previous }) => {
      const isResized = type !== 'updated' || object.spec?.replicas !== previous?.spec?.replicas
      return isResized ? budgetsInNamespace(object.metadata.namespace) : []
    }),
  )

  return defineController(options, {
    name: 'disruption',
    for: resources.podDisruptionBudgets,
    filter: ({ type, object, previous }) =>
      type !== 'updated' ||
      !deepEqual(object.spec, previous?.spec) ||
      !deepEqual(object.status?.disruptedPods, previous?.status?.disruptedPods) ||
      object.status?.disruptionsAllowed !== previous?.status?.disruptionsAllowed,
    watches: [
      watchOf(resources.pods, ({ object, previous }) => {
        tellOfSeveral(object)
        return budgetsOf([object, previous])
      }),
      ...scaled,
    ],
    async reconcile({ object: budget }) {
      if (!budget || budget.metadata.deletionTimestamp) return
      try {
        return await sync(budget)
      } catch (error) {
        if (isConflict(error)) throw error
        await write(budget, failedStatus(budget, error as Error, clock.now()))
        throw error
      }
    },
  })
}

/** A selector that cannot be understood selects nothing; the budget's own look says so. */
function matchesQuietly(selector: PodDisruptionBudget['spec']['selector'], pod: Pod): boolean {
  try {
    return selectorOf(selector)(pod.metadata.labels)
  } catch {
    return false
  }
}
