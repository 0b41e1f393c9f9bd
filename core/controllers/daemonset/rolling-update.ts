import type { Pod } from '../../api/generated/core-v1.ts'
import { rollingBounds, type DaemonState } from './daemon-state.ts'
import type { PodChanges } from './manage-pods.ts'

interface PodsOfNode {
  nodeName: string
  newPod: Pod | undefined
  oldPod: Pod | undefined
}

/** The next step of a rolling update within maxUnavailable or maxSurge (upstream: DaemonSetsController.rollingUpdate). */
export function rollingUpdateStep(state: DaemonState): PodChanges {
  const { maxSurge } = rollingBounds(state)
  return maxSurge === 0 ? replaceStep(state) : surgeStep(state)
}

/** Each node's old and new pod; nodes with more of either are left to `neededChanges` and only counted. */
function splitByNode(state: DaemonState): { nodes: PodsOfNode[]; crowded: number } {
  const nodes: PodsOfNode[] = []
  let crowded = 0
  const names = new Set(state.podsByNode.keys())
  for (const node of state.nodes) if (state.verdictOf(node).shouldRun) names.add(node.metadata.name)
  for (const nodeName of names) {
    const there = state.podsByNode.get(nodeName) ?? []
    const pods = there.filter((pod) => !pod.metadata.deletionTimestamp)
    const newPods = pods.filter((pod) => state.isUpdated(pod))
    const oldPods = pods.filter((pod) => !state.isUpdated(pod))
    if (newPods.length > 1 || oldPods.length > 1) crowded += 1
    else nodes.push({ nodeName, newPod: newPods[0], oldPod: oldPods[0] })
  }
  return { nodes, crowded }
}

/** Deletes old pods; `neededChanges` starts the new ones. An old pod that is not available costs nothing. */
function replaceStep(state: DaemonState): PodChanges {
  const { maxUnavailable } = rollingBounds(state)
  const { nodes, crowded } = splitByNode(state)
  let unavailable = crowded
  const free: Pod[] = []
  const candidates: Pod[] = []
  for (const { newPod, oldPod } of nodes) {
    if (Boolean(newPod) === Boolean(oldPod)) unavailable += 1
    else if (newPod) unavailable += state.isAvailable(newPod) ? 0 : 1
    else if (oldPod && state.isAvailable(oldPod)) candidates.push(oldPod)
    else if (oldPod) {
      free.push(oldPod)
      unavailable += 1
    }
  }
  return { nodes: [], pods: [...free, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] }
}

/** Starts new pods beside old ones and deletes an old one when its successor is available. */
function surgeStep(state: DaemonState): PodChanges {
  const { maxSurge, desired } = rollingBounds(state)
  const { nodes, crowded } = splitByNode(state)
  const runs = new Set(
    state.nodes.filter((node) => state.verdictOf(node).shouldRun).map(({ metadata }) => metadata.name),
  )
  let surging = crowded
  let available = 0
  const changes: PodChanges = { nodes: [], pods: [] }
  const candidates: string[] = []
  const leaving: Pod[] = []
  for (const { nodeName, newPod, oldPod } of nodes) {
    const shown = oldPod ?? newPod
    if (shown && state.isAvailable(shown)) available += 1
    if (!oldPod) continue
    if (newPod) {
      if (state.isAvailable(newPod)) changes.pods.push(oldPod)
      else surging += 1
    } else if (!state.isAvailable(oldPod)) {
      if (runs.has(nodeName)) changes.nodes.push(nodeName)
      else changes.pods.push(oldPod)
    } else if (runs.has(nodeName)) candidates.push(nodeName)
    else leaving.push(oldPod)
  }
  // A pod on a node that is not to have one any more stays until enough others are available.
  changes.pods.push(...leaving.slice(0, Math.max(0, available - desired)))
  changes.nodes.push(...candidates.slice(0, Math.max(0, maxSurge - surging)))
  return changes
}
