import type { ReplicaSet } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { controllerOf, objectKey, type KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { claimObjects } from '../kit/claim.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { indexByController } from '../kit/controller-uid-index.ts'
import { createExpectations } from '../kit/expectations.ts'
import { observePods } from '../kit/observe-pods.ts'
import { createPodControl } from '../kit/pod-control.ts'
import { isPodActive, isPodTerminating } from '../kit/pod-state.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { selectorOf } from '../kit/selector-of.ts'
import { manageReplicas } from './manage-replicas.ts'
import type { ReplicaSource } from './replica-source.ts'
import { nextStatus, writeStatus } from './status.ts'

/**
 * Keeps as many pods of each object as it asks for (upstream: pkg/controller/replicaset): adopts matching orphans,
 * creates in slow-start batches, deletes the least valuable first, and reports what there is.
 */
export function createReplicaController<T extends KubeObject>(
  dependencies: ControllerDependencies,
  source: ReplicaSource<T>,
): Controller {
  const { client, informers, clock } = dependencies
  const { resource } = source
  const recorder = dependencies.recorder(`${source.name}-controller`)
  const podControl = createPodControl({ client, recorder, ownerResource: resource })
  const expectations = createExpectations(clock)
  const podsBy = indexByController(informers.informer(resources.pods))
  const owners = informers.informer(resource)

  async function reconcile(key: string, owner: T | undefined): Promise<Result | void> {
    if (!owner) {
      expectations.forget(key)
      return
    }
    const set = source.view(owner)
    const isSettled = expectations.satisfied(key)
    const candidates = [...podsBy.controlledBy(set.metadata.uid), ...podsBy.orphansIn(set.metadata.namespace)]
    const claimed = await claimObjects({
      client,
      owner,
      ownerResource: resource,
      resource: resources.pods,
      matches: selectorOf(set.spec.selector),
      candidates: candidates.filter((pod) => isPodActive(pod) || isPodTerminating(pod)),
    })
    const active = claimed.filter(isPodActive)
    let failure: { reason: 'FailedCreate' | 'FailedDelete'; error: unknown } | undefined
    if (isSettled && !set.metadata.deletionTimestamp) {
      const siblings = siblingPods(set)
      failure = await manageReplicas({ set, active, siblings, podControl, expectations, clock })
    }
    const terminating = claimed.length - active.length
    const status = nextStatus(set, { active, terminating, failure, now: clock.now() })
    const written = await writeStatus(client, source, { owner, status })
    if (failure) throw failure.error
    const minReady = set.spec.minReadySeconds ?? 0
    const isWaiting = (written.availableReplicas ?? 0) < (written.readyReplicas ?? 0)
    if (minReady > 0 && isWaiting) return { requeueAfterMs: minReady * 1000 }
  }

  /** Active pods of all sets with the same controller, this one included (upstream: getIndirectlyRelatedPods). */
  function siblingPods(set: ReplicaSet): Pod[] {
    const controller = controllerOf(set)
    const sets: KubeObject[] = controller
      ? owners.store.ownedBy(controller.uid).filter((other) => controllerOf(other)?.uid === controller.uid)
      : [set]
    return sets.flatMap((other) => podsBy.controlledBy(other.metadata.uid))
  }

  return defineController(dependencies, {
    name: source.name,
    for: resource,
    owns: [resources.pods],
    watches: [
      watchOf(resources.pods, (change) => {
        observePods(expectations, resource.kind, change)
        const { type, object } = change
        if (type === 'deleted' || controllerOf(object)) return []
        return owners.store
          .inNamespace(object.metadata.namespace)
          .filter((owner) => selectorOf(source.view(owner).spec.selector)(object.metadata.labels))
          .map(objectKey)
      }),
    ],
    reconcile: ({ key, object }) => reconcile(key, object),
    dispose: () => recorder[Symbol.dispose](),
  })
}
