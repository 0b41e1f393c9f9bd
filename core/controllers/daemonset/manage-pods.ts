import type { Node, Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { isPodReady } from '../kit/pod-state.ts'
import { allowsSurge, type DaemonState } from './daemon-state.ts'
import type { FailedPodsBackoff } from './failed-pods-backoff.ts'

/** What is to be done so that every eligible node has its pod. */
export interface PodChanges {
  /** Names of nodes that need a pod. */
  nodes: string[]
  pods: Pod[]
  /** When to look again for failed pods that may be replaced by then. */
  requeueAfterMs?: number
}

export interface ManageContext {
  recorder: EventRecorder
  backoff: FailedPodsBackoff
}

/** Upstream: DaemonSetsController.manage and podsShouldBeOnNode. */
export function neededChanges(state: DaemonState, context: ManageContext): PodChanges {
  const changes: PodChanges = { nodes: [], pods: [] }
  for (const node of state.nodes) changesOnNode(state, node, { ...context, changes })
  const known = new Set(state.nodes.map(({ metadata }) => metadata.name))
  for (const [nodeName, pods] of state.podsByNode) {
    // Those that wait for a node that is gone; bound ones are the garbage collector's.
    if (!known.has(nodeName)) changes.pods.push(...pods.filter((pod) => !pod.spec.nodeName && !isGoing(pod)))
  }
  return changes
}

function isGoing(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined
}

function changesOnNode(
  state: DaemonState,
  node: Node,
  context: ManageContext & { changes: PodChanges },
): void {
  const { changes } = context
  const { shouldRun, shouldContinue } = state.verdictOf(node)
  const pods = state.podsByNode.get(node.metadata.name)
  if (!pods) {
    if (shouldRun) changes.nodes.push(node.metadata.name)
    return
  }
  const staying = pods.filter((pod) => !isGoing(pod))
  if (!shouldContinue) {
    changes.pods.push(...staying)
    return
  }
  const running = staying.filter((pod) => !isEnded(state, pod, context))
  changes.pods.push(...excessPods(state, running))
}

/** A pod that has failed or succeeded is replaced, a failing one with back-off. */
function isEnded(
  { set }: DaemonState,
  pod: Pod,
  { recorder, backoff, changes }: ManageContext & { changes: PodChanges },
): boolean {
  const phase = pod.status?.phase
  if (phase !== 'Failed' && phase !== 'Succeeded') return false
  const { namespace = '', name } = pod.metadata
  const node = pod.spec.nodeName ?? ''
  if (phase === 'Failed') {
    const delay = backoff.delay(`${set.metadata.uid ?? ''}/${node}`)
    if (delay > 0) {
      changes.requeueAfterMs = Math.min(changes.requeueAfterMs ?? delay, delay)
      return true
    }
  }
  const what = phase === 'Failed' ? 'try to kill it' : 'try to delete it'
  recorder.record(referenceTo(resources.daemonSets, set), {
    type: phase === 'Failed' ? 'Warning' : 'Normal',
    reason: phase === 'Failed' ? 'FailedDaemonPod' : 'SucceededDaemonPod',
    message: `Found ${phase.toLowerCase()} daemon pod ${namespace}/${name} on node ${node}, will ${what}`,
  })
  changes.pods.push(pod)
  return true
}

/**
 * All but the oldest. While surging an old pod that is ready may stay beside a new one that is not available yet; all
 * others go.
 */
function excessPods(state: DaemonState, running: Pod[]): Pod[] {
  if (running.length <= 1) return []
  if (!allowsSurge(state.set)) return running.slice(1)
  const newPod = running.find((pod) => state.isUpdated(pod))
  const oldPod = running.find((pod) => !state.isUpdated(pod))
  const excess = running.filter((pod) => pod !== newPod && pod !== oldPod)
  if (newPod && oldPod && (!isPodReady(oldPod) || state.isAvailable(newPod))) excess.push(oldPod)
  return excess
}
