import type { ReplicaSet } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { controllerOf, objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { labelMatcher, SelectorError, type Matcher } from '../../api/selectors.ts'
import { claimObjects } from '../kit/claim.ts'
import { TerminalError, type Controller, type ControllerDependencies } from '../kit/controller.ts'
import { indexByController } from '../kit/controller-uid-index.ts'
import { createExpectations } from '../kit/expectations.ts'
import { observePods } from '../kit/observe-pods.ts'
import { createPodControl } from '../kit/pod-control.ts'
import { isPodActive, isPodTerminating } from '../kit/pod-state.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { manageReplicas } from './manage-replicas.ts'
import { nextStatus, writeStatus } from './status.ts'

/**
 * Keeps as many pods of each ReplicaSet as it asks for (upstream: pkg/controller/replicaset): adopts matching orphans,
 * creates in slow-start batches, deletes the least valuable first, and reports what there is.
 */
export function createReplicaSetController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder('replicaset-controller')
  const podControl = createPodControl({ client, recorder, ownerResource: resources.replicaSets })
  const expectations = createExpectations(clock)
  const pods = informers.informer(resources.pods)
  const podsBy = indexByController(pods)
  const replicaSets = informers.informer(resources.replicaSets)

  function matcherOf(set: ReplicaSet): Matcher {
    try {
      return labelMatcher(set.spec.selector)
    } catch (error) {
      if (error instanceof SelectorError) throw new TerminalError(error.message, { cause: error })
      throw error
    }
  }

  function setsMatching(pod: Pod): ReplicaSet[] {
    const { namespace } = pod.metadata
    return replicaSets.store.inNamespace(namespace).filter((set) => matcherOf(set)(pod.metadata.labels))
  }

  async function reconcile(key: string, set: ReplicaSet | undefined): Promise<Result | void> {
    if (!set) {
      expectations.forget(key)
      return
    }
    const isSettled = expectations.satisfied(key)
    const candidates = [...podsBy.controlledBy(set.metadata.uid), ...podsBy.orphansIn(set.metadata.namespace)]
    const claimed = await claimObjects({
      client,
      owner: set,
      ownerResource: resources.replicaSets,
      resource: resources.pods,
      matches: matcherOf(set),
      candidates: candidates.filter((pod) => isPodActive(pod) || isPodTerminating(pod)),
    })
    const active = claimed.filter(isPodActive)
    let failure: { reason: 'FailedCreate' | 'FailedDelete'; error: unknown } | undefined
    if (isSettled && !set.metadata.deletionTimestamp) {
      failure = await manageReplicas({
        set,
        active,
        siblings: siblingPods(set),
        podControl,
        expectations,
        clock,
      })
    }
    const now = clock.now()
    const terminating = claimed.length - active.length
    const status = nextStatus(set, { active, terminating, failure, now })
    const written = await writeStatus(client, set, status)
    if (failure) throw failure.error
    const minReady = set.spec.minReadySeconds ?? 0
    const isWaiting = (written.availableReplicas ?? 0) < (written.readyReplicas ?? 0)
    if (minReady > 0 && isWaiting) return { requeueAfterMs: minReady * 1000 }
  }

  /** Active pods of all ReplicaSets with the same controller, this one included (upstream: getIndirectlyRelatedPods). */
  function siblingPods(set: ReplicaSet): Pod[] {
    const controller = controllerOf(set)
    const sets = controller
      ? replicaSets.store
          .ownedBy(controller.uid)
          .filter((other) => controllerOf(other)?.uid === controller.uid)
      : [set]
    return sets.flatMap((other) => podsBy.controlledBy(other.metadata.uid))
  }

  return defineController(dependencies, {
    name: 'replicaset',
    for: resources.replicaSets,
    owns: [resources.pods],
    watches: [
      watchOf(resources.pods, (change) => {
        observePods(expectations, 'ReplicaSet', change)
        const orphaned = !controllerOf(change.object) && change.type !== 'deleted'
        return orphaned ? setsMatching(change.object).map(objectKey) : []
      }),
    ],
    reconcile: ({ key, object }) => reconcile(key, object),
    dispose: () => recorder[Symbol.dispose](),
  })
}
