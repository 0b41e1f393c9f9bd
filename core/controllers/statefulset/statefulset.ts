import type { ControllerRevision, StatefulSet, StatefulSetStatus } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { controllerOf, objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { asError } from '../kit/as-error.ts'
import { claimObjects } from '../kit/claim.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { indexByController } from '../kit/controller-uid-index.ts'
import { syncHistory, truncateHistory, type SyncedHistory } from '../kit/history.ts'
import { isNamespaceTerminating } from '../kit/pod-control.ts'
import { isPodReady, readySince } from '../kit/pod-state.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { selectorOf } from '../kit/selector-of.ts'
import { ordinalOf, revisionOf } from './identity.ts'
import { createStatefulPods } from './pod-operations.ts'
import { countedStatus, withCompletedUpdate, writeStatus } from './status.ts'
import { updatePods } from './update-pods.ts'

/** The label on a ControllerRevision that keeps its hash (upstream: history.ControllerRevisionHashLabel). */
const hashLabel = 'controller.kubernetes.io/hash'

/**
 * Runs pods with stable names, one after the other (upstream: pkg/controller/statefulset), and keeps the history of
 * their template in ControllerRevisions.
 */
export function createStatefulSetController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder('statefulset-controller')
  const operations = createStatefulPods(client, recorder)
  const pods = informers.informer(resources.pods)
  const podsBy = indexByController(pods)
  const revisionsBy = indexByController(informers.informer(resources.controllerRevisions))
  const sets = informers.informer(resources.statefulSets)

  function claimPods(set: StatefulSet): Promise<Pod[]> {
    const orphans = podsBy.orphansIn(set.metadata.namespace)
    return claimObjects({
      client,
      owner: set,
      ownerResource: resources.statefulSets,
      resource: resources.pods,
      matches: selectorOf(set.spec.selector),
      candidates: [
        ...podsBy.controlledBy(set.metadata.uid),
        ...orphans.filter((pod) => ordinalOf(set, pod) !== undefined),
      ],
    })
  }

  function claimRevisions(set: StatefulSet): Promise<ControllerRevision[]> {
    return claimObjects({
      client,
      owner: set,
      ownerResource: resources.statefulSets,
      resource: resources.controllerRevisions,
      matches: selectorOf(set.spec.selector),
      candidates: [
        ...revisionsBy.controlledBy(set.metadata.uid),
        ...revisionsBy.orphansIn(set.metadata.namespace),
      ],
    })
  }

  async function reconcile(set: StatefulSet): Promise<Result | void> {
    const owned = await claimPods(set)
    const history = await syncHistory({
      client,
      owner: set,
      ownerResource: resources.statefulSets,
      hashLabel,
      revisions: await claimRevisions(set),
      collisionCount: set.status?.collisionCount,
    })
    const { update } = history
    const named = set.status?.currentRevision
    const current = history.revisions.find(({ metadata }) => metadata.name === named) ?? update
    let failure: unknown
    try {
      await updatePods({ set, pods: owned, current, update, operations, now: clock.now() })
    } catch (error) {
      if (!isNamespaceTerminating(error)) failure = error
    }
    const status = await report(set, { current, history })
    await truncateHistory(client, history.revisions, {
      limit: set.spec.revisionHistoryLimit ?? 10,
      isLive: ({ metadata: { name } }) =>
        name === current.metadata.name ||
        name === update.metadata.name ||
        owned.some((pod) => revisionOf(pod) === name),
    })
    if (failure !== undefined) throw asError(failure)
    return untilAvailable(set, owned, status)
  }

  /** From what the informer shows after the step: its own writes are there already when it runs in this process. */
  async function report(
    set: StatefulSet,
    given: { current: ControllerRevision; history: SyncedHistory },
  ): Promise<StatefulSetStatus> {
    const { current, history } = given
    const now = clock.now()
    const revisions = {
      current: current.metadata.name,
      update: history.update.metadata.name,
      collisionCount: history.collisionCount,
    }
    const owned = podsBy.controlledBy(set.metadata.uid)
    const status = withCompletedUpdate(set, countedStatus(set, owned, { revisions, now }))
    await writeStatus(client, set, status)
    return status
  }

  /** Nothing tells when a ready pod has been so for long enough. */
  function untilAvailable(set: StatefulSet, owned: Pod[], status: StatefulSetStatus): Result | void {
    const minReady = (set.spec.minReadySeconds ?? 0) * 1000
    if (minReady === 0 || status.readyReplicas === status.availableReplicas) return
    const waits = owned
      .filter(isPodReady)
      .map((pod) => (readySince(pod) ?? clock.now()) + minReady - clock.now())
      .filter((wait) => wait > 0)
    return { requeueAfterMs: Math.max(1, Math.min(minReady, ...waits)) }
  }

  return defineController(dependencies, {
    name: 'statefulset',
    for: resources.statefulSets,
    owns: [resources.pods],
    watches: [
      watchOf(resources.pods, ({ type, object }) => {
        if (type === 'deleted' || controllerOf(object)) return []
        return sets.store
          .inNamespace(object.metadata.namespace)
          .filter(
            (set) =>
              ordinalOf(set, object) !== undefined && selectorOf(set.spec.selector)(object.metadata.labels),
          )
          .map(objectKey)
      }),
      // Known before the first reconcile; changes of revisions ask for none.
      watchOf(resources.controllerRevisions, () => []),
    ],
    reconcile: async ({ object }) => (object ? reconcile(object) : undefined),
    dispose: () => recorder[Symbol.dispose](),
  })
}
