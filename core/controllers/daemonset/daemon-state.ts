import type { DaemonSet } from '../../api/generated/apps-v1.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import { scaledValue } from '../../api/int-or-string.ts'
import { isPodAvailable, isPodTerminal } from '../kit/pod-state.ts'
import { nodeJudge, revisionLabel, targetNode, type NodeVerdict } from './daemon-pod.ts'

/** One look at a DaemonSet, its pods and all nodes. */
export interface DaemonState {
  set: DaemonSet
  nodes: Node[]
  /** The pods that the set controls. */
  pods: Pod[]
  /** By the node they are on or meant for; deleted pods that have ended are left out. Each list is oldest first. */
  podsByNode: Map<string, Pod[]>
  verdictOf(node: Node): NodeVerdict
  isUpdated(pod: Pod): boolean
  isAvailable(pod: Pod): boolean
}

function byAge(a: Pod, b: Pod): number {
  const assigned = Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName))
  if (assigned !== 0) return assigned
  const [createdA, createdB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
  if (createdA !== createdB) return createdA < createdB ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}

/** Puts the picture together; verdicts are computed once per node. */
export function daemonState(given: {
  set: DaemonSet
  nodes: Node[]
  pods: Pod[]
  hash: string
  now: number
}): DaemonState {
  const { set, nodes, pods, hash, now } = given
  const podsByNode = new Map<string, Pod[]>()
  for (const pod of [...pods].sort(byAge)) {
    if (pod.metadata.deletionTimestamp && isPodTerminal(pod)) continue
    const name = targetNode(pod)
    if (name === undefined) continue
    const there = podsByNode.get(name)
    if (there) there.push(pod)
    else podsByNode.set(name, [pod])
  }
  const judge = nodeJudge(set)
  const verdicts = new Map(nodes.map((node) => [node, judge(node)]))
  const minReady = set.spec.minReadySeconds ?? 0
  return {
    set,
    nodes,
    pods,
    podsByNode,
    verdictOf: (node) => verdicts.get(node) ?? judge(node),
    isUpdated: (pod) => pod.metadata.labels?.[revisionLabel] === hash,
    isAvailable: (pod) => isPodAvailable(pod, minReady, now),
  }
}

/** How far a rolling update may go: both zero counts as one unavailable (upstream: updatedDesiredNodeCounts). */
export function rollingBounds({ set, nodes, verdictOf }: DaemonState): {
  maxSurge: number
  maxUnavailable: number
  desired: number
} {
  const rolling = set.spec.updateStrategy?.rollingUpdate
  const desired = nodes.filter((node) => verdictOf(node).shouldRun).length
  const maxUnavailable = scaledValue(rolling?.maxUnavailable ?? 1, desired, 'up') ?? 0
  const maxSurge = scaledValue(rolling?.maxSurge ?? 0, desired, 'up') ?? 0
  if (desired > 0 && maxUnavailable === 0 && maxSurge === 0) return { maxSurge, maxUnavailable: 1, desired }
  return { maxSurge, maxUnavailable, desired }
}

/** Whether an old and a new pod may be on a node at once. */
export function allowsSurge(set: DaemonSet): boolean {
  const surge = set.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0
  return set.spec.updateStrategy?.type === 'RollingUpdate' && surge !== 0 && surge !== '0%'
}
