import { observedGenerationOf } from '../../api/conditions.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { patchPodStatus } from '../../client/pod-status.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { isPodTerminal } from '../kit/pod-state.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { stoppedAnnotation } from './options.ts'
import { indexPodsByNode } from './pods-by-node.ts'
import { deleteObject } from '../../client/delete-object.ts'

const outOfServiceTaint = 'node.kubernetes.io/out-of-service'
/** A node that is missing for this long is gone (upstream: quarantineTime). */
const quarantineMs = 40_000
const terminalIndex = 'terminal'

export interface PodGcOptions extends ControllerDependencies {
  /** Finished pods above this number are removed, oldest first; default 12500 (upstream: terminated-pod-gc-threshold). */
  terminatedPodThreshold?: number
  /** See `quarantineMs`; shorter in tests. */
  quarantineMs?: number
}

/**
 * Removes pods that no kubelet will ever remove (upstream: pkg/controller/podgc): bound to a node that is gone, being
 * deleted on a node that is out of service or was stopped on purpose, being deleted without ever having had a node, and
 * finished ones above the threshold.
 */
export function createPodGcController(options: PodGcOptions): Controller {
  const { client, informers, clock, terminatedPodThreshold = 12_500 } = options
  const graceMs = options.quarantineMs ?? quarantineMs
  const nodes = informers.informer(resources.nodes)
  const pods = informers.informer(resources.pods)
  const podsOn = indexPodsByNode(pods)
  pods.addIndex(terminalIndex, (pod) => (isPodTerminal(pod) ? ['yes'] : []))
  const missingSince = new Map<string, number>()

  const remove = (pod: Pod): Promise<void> =>
    deleteObject(client, resources.pods, pod, { gracePeriodSeconds: 0 })

  /** A pod that ends here must not look alive to whoever holds it by a finalizer. */
  async function markFailed(pod: Pod, message: string): Promise<void> {
    if (isPodTerminal(pod)) return
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message,
      ...observedGenerationOf(pod),
      lastTransitionTime: rfc3339(clock.now()),
    }
    await patchPodStatus(client, pod, { phase: 'Failed', conditions: [condition] })
  }

  async function isNodeGone(name: string): Promise<boolean> {
    try {
      await client.get(resources.nodes, { name })
      return false
    } catch (error) {
      if (isNotFound(error)) return true
      throw error
    }
  }

  async function reconcileOrphan(pod: Pod, nodeName: string): Promise<Result | void> {
    const since = missingSince.get(nodeName) ?? clock.now()
    missingSince.set(nodeName, since)
    const waitMs = since + graceMs - clock.now()
    if (waitMs > 0) return { requeueAfterMs: waitMs }
    if (!(await isNodeGone(nodeName))) return
    await markFailed(pod, 'PodGC: node no longer exists')
    await remove(pod)
  }

  async function reconcile(pod: Pod): Promise<Result | void> {
    const { nodeName } = pod.spec
    const isTerminating = pod.metadata.deletionTimestamp !== undefined
    if (!nodeName) {
      if (isTerminating) await remove(pod)
      return
    }
    const node = nodes.store.get(nodeName)
    if (!node) return reconcileOrphan(pod, nodeName)
    if (isTerminating && isOutOfService(node)) {
      await markFailed(pod, 'PodGC: node is out of service')
      await remove(pod)
    }
  }

  async function trimTerminated(): Promise<void> {
    const terminated = pods.store.byIndex(terminalIndex, 'yes')
    const excess = terminated.length - terminatedPodThreshold
    if (excess <= 0) return
    const age = (pod: Pod): string => pod.metadata.creationTimestamp ?? ''
    terminated.sort((a, b) => (age(a) < age(b) ? -1 : 1))
    for (const pod of terminated.slice(0, excess)) await remove(pod)
  }

  return defineController(options, {
    name: 'pod-gc',
    for: resources.pods,
    workers: 2,
    filter: ({ type, object: pod }) => {
      if (type === 'deleted') return false
      if (pod.metadata.deletionTimestamp) return true
      if (pod.spec.nodeName && !nodes.store.get(pod.spec.nodeName)) return true
      return isPodTerminal(pod) && pods.store.byIndex(terminalIndex, 'yes').length > terminatedPodThreshold
    },
    watches: [
      watchOf(resources.nodes, ({ type, object }) => {
        const { name } = object.metadata
        if (type !== 'deleted') missingSince.delete(name)
        return type === 'deleted' || isOutOfService(object) ? podsOn(name).map(objectKey) : []
      }),
    ],
    async reconcile({ object }) {
      if (!object) return
      if (isPodTerminal(object) && !object.metadata.deletionTimestamp) await trimTerminated()
      return reconcile(object)
    },
  })
}

function isOutOfService(node: Node): boolean {
  const isTainted = node.spec?.taints?.some(({ key }) => key === outOfServiceTaint) ?? false
  return isTainted || node.metadata.annotations?.[stoppedAnnotation] === 'true'
}
