import type { Node, Pod, Taint } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { tolerates } from '../../api/taints.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller } from '../kit/controller.ts'
import { deleteDisrupted } from '../kit/delete-disrupted.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { stoppedAnnotation, type NodeLifecycleOptions } from './options.ts'
import { indexPodsByNode } from './pods-by-node.ts'

/**
 * Deletes pods from nodes with NoExecute taints that they do not tolerate, or no longer: `tolerationSeconds` counts from
 * when the taint was added (upstream: pkg/controller/tainteviction).
 */
export function createTaintEvictionController(options: NodeLifecycleOptions): Controller {
  const { client, informers, clock, stoppedTolerationSeconds } = options
  const nodes = informers.informer(resources.nodes)
  const podsOn = indexPodsByNode(informers.informer(resources.pods))
  const recorder = options.recorder('taint-eviction-controller')

  /** Pods that are to go later. */
  const waiting = new Set<string>()

  /** Tells that a pod need not go any more. */
  function cancel(pod: Pod): void {
    if (!waiting.delete(objectKey(pod))) return
    recorder.record(referenceTo(resources.pods, pod), {
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message: `Cancelling deletion of Pod ${objectKey(pod)}`,
    })
  }

  function leavesAt(pod: Pod, node: Node): number | undefined {
    const isStopped = node.metadata.annotations?.[stoppedAnnotation] === 'true'
    const longestSeconds = isStopped ? stoppedTolerationSeconds : undefined
    const times = evictingTaints(node).map((taint) =>
      leaveTime(pod, taint, { longestSeconds, now: clock.now() }),
    )
    const finite = times.filter((time) => time !== undefined)
    return finite.length === 0 ? undefined : Math.min(...finite)
  }

  async function evict(pod: Pod): Promise<void> {
    waiting.delete(objectKey(pod))
    recorder.record(referenceTo(resources.pods, pod), {
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message: `Marking for deletion Pod ${objectKey(pod)}`,
    })
    await deleteDisrupted(client, pod, {
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      now: rfc3339(clock.now()),
    })
  }

  async function reconcile(pod: Pod): Promise<Result | void> {
    const node = pod.spec.nodeName ? nodes.store.get(pod.spec.nodeName) : undefined
    if (!node || pod.metadata.deletionTimestamp) return
    const at = leavesAt(pod, node)
    if (at === undefined) return cancel(pod)
    const waitMs = at - clock.now()
    if (waitMs > 0) {
      waiting.add(objectKey(pod))
      return { requeueAfterMs: waitMs }
    }
    await evict(pod)
  }

  return defineController(options, {
    name: 'taint-eviction',
    for: resources.pods,
    filter: ({ type, object: pod }) => {
      const node = pod.spec.nodeName ? nodes.store.get(pod.spec.nodeName) : undefined
      if (type === 'deleted') waiting.delete(objectKey(pod))
      else if (waiting.has(objectKey(pod))) return true
      return type !== 'deleted' && node !== undefined && evictingTaints(node).length > 0
    },
    watches: [
      watchOf(resources.nodes, ({ type, object, previous }) => {
        if (type === 'deleted') return []
        const hadNone = !previous || evictingTaints(previous).length === 0
        if (hadNone && evictingTaints(object).length === 0) return []
        const isSame =
          previous !== undefined &&
          deepEqual(previous.spec?.taints, object.spec?.taints) &&
          deepEqual(previous.metadata.annotations, object.metadata.annotations)
        return isSame ? [] : podsOn(object.metadata.name).map(objectKey)
      }),
    ],
    reconcile: async ({ object }) => (object ? reconcile(object) : undefined),
    dispose: () => recorder[Symbol.dispose](),
  })
}

function evictingTaints(node: Node): Taint[] {
  return (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
}

/** When this taint makes the pod leave: now, later, or never (undefined). */
function leaveTime(
  pod: Pod,
  taint: Taint,
  { longestSeconds, now }: { longestSeconds: number | undefined; now: number },
): number | undefined {
  const matching = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint))
  if (matching.length === 0) return now
  const limits = matching.flatMap(({ tolerationSeconds: limit }) =>
    limit === undefined ? [] : Number(limit),
  )
  // Only what is tolerated for a time is cut short; what is tolerated for ever (a DaemonSet's pods) stays.
  if (limits.length === 0) return undefined
  const seconds = Math.min(...limits, longestSeconds ?? Infinity)
  const since = Date.parse(taint.timeAdded ?? '')
  return (Number.isNaN(since) ? now : since) + Math.max(seconds, 0) * 1000
}
