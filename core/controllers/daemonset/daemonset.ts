import type { ControllerRevision, DaemonSet } from '../../api/generated/apps-v1.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import { controllerOf, objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { asError } from '../kit/as-error.ts'
import { claimObjects } from '../kit/claim.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { indexByController } from '../kit/controller-uid-index.ts'
import { createExpectations } from '../kit/expectations.ts'
import { syncHistory, truncateHistory, type SyncedHistory } from '../kit/history.ts'
import { observePods } from '../kit/observe-pods.ts'
import { createPodControl } from '../kit/pod-control.ts'
import { defineController, watchOf, type ObjectChange, type Result } from '../kit/run-controller.ts'
import { selectorOf } from '../kit/selector-of.ts'
import { applyChanges, type ApplyOptions } from './apply-changes.ts'
import { daemonTemplate, revisionLabel } from './daemon-pod.ts'
import { daemonState, type DaemonState } from './daemon-state.ts'
import { createFailedPodsBackoff } from './failed-pods-backoff.ts'
import { neededChanges } from './manage-pods.ts'
import { rollingUpdateStep } from './rolling-update.ts'
import { countedStatus, writeStatus } from './status.ts'

/**
 * Runs one pod on every node that the template allows (upstream: pkg/controller/daemon), bound by the scheduler through
 * node affinity, and rolls new templates out.
 */
export function createDaemonSetController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder('daemonset-controller')
  const podControl = createPodControl({ client, recorder, ownerResource: resources.daemonSets })
  const expectations = createExpectations(clock)
  const backoff = createFailedPodsBackoff(clock)
  const podsBy = indexByController(informers.informer(resources.pods))
  const revisionsBy = indexByController(informers.informer(resources.controllerRevisions))
  const nodes = informers.informer(resources.nodes)
  const sets = informers.informer(resources.daemonSets)

  function claimRevisions(set: DaemonSet): Promise<ControllerRevision[]> {
    return claimObjects({
      client,
      owner: set,
      ownerResource: resources.daemonSets,
      resource: resources.controllerRevisions,
      matches: selectorOf(set.spec.selector),
      candidates: [
        ...revisionsBy.controlledBy(set.metadata.uid),
        ...revisionsBy.orphansIn(set.metadata.namespace),
      ],
    })
  }

  async function stateOf(set: DaemonSet, hash: string): Promise<DaemonState> {
    const pods = await claimObjects({
      client,
      owner: set,
      ownerResource: resources.daemonSets,
      resource: resources.pods,
      matches: selectorOf(set.spec.selector),
      candidates: [...podsBy.controlledBy(set.metadata.uid), ...podsBy.orphansIn(set.metadata.namespace)],
    })
    return daemonState({ set, nodes: nodes.store.list(), pods, hash, now: clock.now() })
  }

  async function reconcile(key: string, set: DaemonSet | undefined): Promise<Result | void> {
    if (!set) {
      expectations.forget(key)
      return
    }
    if (set.metadata.deletionTimestamp) return
    const history = await syncHistory({
      client,
      owner: set,
      ownerResource: resources.daemonSets,
      hashLabel: revisionLabel,
      revisions: await claimRevisions(set),
      collisionCount: set.status?.collisionCount,
    })
    const hash = history.update.metadata.labels?.[revisionLabel] ?? ''
    const options = { set, template: daemonTemplate(set, hash), podControl, expectations }
    let failure: unknown
    let requeueAfterMs: number | undefined
    try {
      requeueAfterMs = await manage(options, hash)
    } catch (error) {
      failure = error
    }
    const state = await stateOf(set, hash)
    const status = countedStatus(state, history.collisionCount)
    await writeStatus(client, set, status)
    await cleanUp(set, history, state.pods)
    if (failure !== undefined) throw asError(failure)
    const minReady = set.spec.minReadySeconds ?? 0
    if (minReady > 0 && status.numberReady !== status.numberAvailable) {
      requeueAfterMs = Math.min(requeueAfterMs ?? Infinity, minReady * 1000)
    }
    if (requeueAfterMs !== undefined) return { requeueAfterMs }
  }

  /** Does nothing while earlier changes are not seen yet. Tells when to look again, if ever. */
  async function manage(options: ApplyOptions, hash: string): Promise<number | undefined> {
    const { set } = options
    const key = objectKey(set)
    if (!expectations.satisfied(key)) return undefined
    const changes = neededChanges(await stateOf(set, hash), { recorder, backoff })
    await applyChanges(options, changes)
    if (expectations.satisfied(key) && set.spec.updateStrategy?.type === 'RollingUpdate') {
      await applyChanges(options, rollingUpdateStep(await stateOf(set, hash)))
    }
    return changes.requeueAfterMs
  }

  async function cleanUp(set: DaemonSet, { revisions, update }: SyncedHistory, pods: Pod[]): Promise<void> {
    await truncateHistory(client, revisions, {
      limit: set.spec.revisionHistoryLimit ?? 10,
      isLive: ({ metadata }) =>
        metadata.name === update.metadata.name ||
        pods.some((pod) => pod.metadata.labels?.[revisionLabel] === metadata.labels?.[revisionLabel]),
    })
  }

  return defineController(dependencies, {
    name: 'daemonset',
    for: resources.daemonSets,
    owns: [resources.pods],
    watches: [
      watchOf(resources.pods, (change) => {
        observePods(expectations, 'DaemonSet', change)
        const { type, object } = change
        if (type === 'deleted' || controllerOf(object)) return []
        return sets.store
          .inNamespace(object.metadata.namespace)
          .filter((set) => selectorOf(set.spec.selector)(object.metadata.labels))
          .map(objectKey)
      }),
      watchOf(resources.nodes, (change) =>
        concernsPlacement(change) ? sets.store.list().map(objectKey) : [],
      ),
      // Known before the first reconcile; changes of revisions ask for none.
      watchOf(resources.controllerRevisions, () => []),
    ],
    reconcile: ({ key, object }) => reconcile(key, object),
    dispose: () => recorder[Symbol.dispose](),
  })
}

/** Heartbeats and other status changes move no pods. */
function concernsPlacement({ object, previous }: ObjectChange<Node>): boolean {
  if (!previous) return true
  return (
    !deepEqual(object.metadata.labels, previous.metadata.labels) ||
    !deepEqual(object.spec.taints, previous.spec.taints)
  )
}
