import { findCondition } from '../../api/conditions.ts'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/generated/apps-v1.ts'
import { controllerOf, objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { labelMatcher, SelectorError } from '../../api/selectors.ts'
import { isNotFound } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { claimObjects } from '../kit/claim.ts'
import { TerminalError, type Controller, type ControllerDependencies } from '../kit/controller.ts'
import { indexByController } from '../kit/controller-uid-index.ts'
import { isPodTerminal } from '../kit/pod-state.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { withoutZeros } from '../kit/without-zeros.ts'
import { revisionOf } from './annotations.ts'
import { reasons } from './conditions.ts'
import { syncRevision, writeCondition, type SyncedSets } from './new-set.ts'
import { removeOld, rollOneStep } from './rolling-update.ts'
import type { RolloutContext } from './rollout-context.ts'
import { scaleDeployment, scaleSet, type Sets } from './scale.ts'
import { isRolling, isScalingEvent, replicasOf } from './sizes.ts'
import {
  countedStatus,
  deadlineCheckAfterMs,
  hasProgressDeadline,
  isComplete,
  rolloutStatus,
  type RolloutState,
} from './status.ts'

const omittedCounts: (keyof DeploymentStatus)[] = [
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
]

/**
 * Rolls Deployments out through ReplicaSets (upstream: pkg/controller/deployment): rolling update or recreate, pause,
 * proportional scaling, revisions and their history, progress deadline. Rollback is a change of the template, as kubectl
 * does it: the old set with that template becomes the new one again.
 */
export function createDeploymentController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder('deployment-controller')
  const context: RolloutContext = { client, recorder, clock }
  const replicaSets = informers.informer(resources.replicaSets)
  const deployments = informers.informer(resources.deployments)
  const podsBy = indexByController(informers.informer(resources.pods))

  async function reconcile(given: Deployment): Promise<Result | void> {
    let deployment = given
    const sets = await claimSets(deployment)
    if (deployment.metadata.deletionTimestamp) return reportOnly(deployment, sets)
    deployment = await syncPause(deployment)
    if (deployment.spec.paused || isScalingEvent(deployment, sets)) return scaleAndReport(deployment, sets)
    return isRolling(deployment) ? rollingUpdate(deployment, sets) : recreate(deployment, sets)
  }

  async function claimSets(deployment: Deployment): Promise<ReplicaSet[]> {
    const { selector } = deployment.spec
    if (!selector.matchLabels && !selector.matchExpressions) {
      recorder.record(referenceTo(resources.deployments, deployment), {
        type: 'Warning',
        reason: 'SelectingAll',
        message: 'This deployment is selecting all pods. A non-empty selector is required.',
      })
      throw new TerminalError('the selector is empty')
    }
    try {
      return await claimObjects({
        client,
        owner: deployment,
        ownerResource: resources.deployments,
        resource: resources.replicaSets,
        matches: labelMatcher(selector),
        candidates: replicaSets.store.inNamespace(deployment.metadata.namespace),
      })
    } catch (error) {
      if (error instanceof SelectorError) throw new TerminalError(error.message, { cause: error })
      throw error
    }
  }

  /** Says in the Progressing condition that the deployment was paused or resumed, so the deadline does not run on. */
  async function syncPause(deployment: Deployment): Promise<Deployment> {
    if (!hasProgressDeadline(deployment)) return deployment
    const current = findCondition(deployment.status?.conditions, 'Progressing')
    if (current?.reason === reasons.timedOut) return deployment
    const isSaidPaused = current?.reason === reasons.paused
    const isPaused = deployment.spec.paused === true
    if (isPaused === isSaidPaused) return deployment
    const [reason, message] = isPaused
      ? [reasons.paused, 'Deployment is paused']
      : [reasons.resumed, 'Deployment is resumed']
    return writeCondition(context, deployment, { type: 'Progressing', status: 'Unknown', reason, message })
  }

  async function reportOnly(deployment: Deployment, sets: ReplicaSet[]): Promise<Result | void> {
    const synced = await syncRevision(context, { deployment, sets, mayCreate: false })
    await writeStatus(synced.deployment, countedStatus(stateOf(synced)))
  }

  async function scaleAndReport(given: Deployment, sets: ReplicaSet[]): Promise<Result | void> {
    const synced = await syncRevision(context, { deployment: given, sets, mayCreate: false })
    await scaleDeployment(context, synced.deployment, synced)
    if (synced.deployment.spec.paused) await cleanUpHistory(synced.deployment, synced.oldSets)
    await writeStatus(synced.deployment, countedStatus(stateOf(synced)))
  }

  async function rollingUpdate(given: Deployment, sets: ReplicaSet[]): Promise<Result | void> {
    const synced = await syncRevision(context, { deployment: given, sets, mayCreate: true })
    const { deployment, newSet, oldSets } = synced
    if (newSet && (await rollOneStep(context, deployment, { newSet, oldSets }))) return reportRollout(synced)
    if (isComplete(deployment, deployment.status ?? {})) await cleanUpHistory(deployment, oldSets)
    return reportRollout(synced)
  }

  async function recreate(given: Deployment, sets: ReplicaSet[]): Promise<Result | void> {
    const before = await syncRevision(context, { deployment: given, sets, mayCreate: false })
    if (await removeOld(context, before.deployment, before)) return reportRollout(before)
    if (hasOldPods(before)) return reportRollout(before)
    const synced = before.newSet
      ? before
      : await syncRevision(context, { deployment: before.deployment, sets, mayCreate: true })
    const { deployment, newSet, oldSets } = synced
    if (newSet) await scaleSet(context, { deployment, set: newSet }, replicasOf(deployment))
    if (isComplete(deployment, deployment.status ?? {})) await cleanUpHistory(deployment, oldSets)
    return reportRollout(synced)
  }

  /** Recreate waits until no pod of an old set runs, terminating ones included (upstream: oldPodsRunning). */
  function hasOldPods({ oldSets }: Sets): boolean {
    return oldSets.some((set) => podsBy.controlledBy(set.metadata.uid).some((pod) => !isPodTerminal(pod)))
  }

  function stateOf({ deployment, newSet, oldSets }: SyncedSets): RolloutState {
    return { deployment, newSet, oldSets, now: clock.now() }
  }

  async function reportRollout(synced: SyncedSets): Promise<Result | void> {
    const state = stateOf(synced)
    const status = rolloutStatus(state)
    await writeStatus(synced.deployment, status)
    const requeueAfterMs = deadlineCheckAfterMs(state, status)
    if (requeueAfterMs !== undefined) return { requeueAfterMs }
  }

  async function writeStatus(deployment: Deployment, next: DeploymentStatus): Promise<void> {
    const status = withoutZeros(next, omittedCounts)
    if (deepEqual(deployment.status, status)) return
    await client.updateStatus(resources.deployments, { ...deployment, status })
  }

  async function cleanUpHistory(deployment: Deployment, oldSets: ReplicaSet[]): Promise<void> {
    const limit = deployment.spec.revisionHistoryLimit ?? 10
    const alive = oldSets.filter((set) => !set.metadata.deletionTimestamp)
    const oldestFirst = alive.sort((a, b) => Number(revisionOf(a) - revisionOf(b)))
    for (const set of oldestFirst.slice(0, Math.max(0, alive.length - limit))) {
      const isIdle = set.status?.replicas === 0 && replicasOf(set) === 0
      const isObserved = (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0)
      if (!isIdle || !isObserved) continue
      const { namespace = '', name } = set.metadata
      try {
        await client.delete(resources.replicaSets, { namespace, name })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
  }

  return defineController(dependencies, {
    name: 'deployment',
    for: resources.deployments,
    owns: [resources.replicaSets],
    watches: [
      watchOf(resources.replicaSets, ({ type, object }) => {
        if (type === 'deleted' || controllerOf(object)) return []
        return deployments.store
          .inNamespace(object.metadata.namespace)
          .filter((deployment) => labelMatcher(deployment.spec.selector)(object.metadata.labels))
          .map(objectKey)
      }),
      // Recreate goes on when the last old pod is gone.
      watchOf(resources.pods, ({ type, object }) => {
        if (type !== 'deleted') return []
        const setName = controllerOf(object)?.name
        const set = replicaSets.store.get(`${object.metadata.namespace ?? ''}/${setName ?? ''}`)
        const owner = set && controllerOf(set)
        const key = `${object.metadata.namespace ?? ''}/${owner?.name ?? ''}`
        const deployment = deployments.store.get(key)
        return deployment && !isRolling(deployment) ? [key] : []
      }),
    ],
    reconcile: async ({ object }) => (object ? reconcile(object) : undefined),
    dispose: () => recorder[Symbol.dispose](),
  })
}
