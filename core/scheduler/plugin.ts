import type { ClusterEvent } from './cluster-event.ts'
import type { ClusterView } from './cluster-view.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** Why a node cannot take a pod. */
export interface Rejection {
  /** Upstream's texts; counted over nodes in the pod's event. */
  reasons: string[]
  /** In their place where one node alone is told of, when there is more to say of it. */
  details?: string[]
  /** Whether removing pods from the node could help (upstream: Unschedulable against UnschedulableAndUnresolvable). */
  isResolvable: boolean
}

/** A filter that has looked at its pod and the cluster once. */
export interface PreparedFilter {
  /** The only nodes worth asking, when the pod names them (upstream: PreFilterResult). */
  onlyNodes?: ReadonlySet<string>
  /** Why no node at all can take the pod; then none is asked, and the pod's event says just this (upstream: PreFilter). */
  refusal?: string
  check(node: NodeInfo): Rejection | undefined
  /** Counts a pod in as if it were on the node, or takes one away, for a plugin that remembers more than the node does. */
  addPod?(info: PodInfo, node: NodeInfo): void
  removePod?(info: PodInfo, node: NodeInfo): void
}

/** Says which nodes can take a pod. */
export interface FilterPlugin {
  name: string
  /** Undefined when every node will do for this pod. */
  prepare(pod: PodInfo, cluster: ClusterView): PreparedFilter | undefined
  /**
   * Whether a pod this plugin rejected may pass after the event (upstream: QueueingHintFn). A plugin that judges a node by
   * itself alone needs none: it is asked for the event's node again.
   */
  isHelpedBy?(pod: PodInfo, event: ClusterEvent, cluster: ClusterView): boolean
  /** Whether a plugin that judges nodes alone goes by the classes of devices too, for this pod. */
  looksAtDeviceClasses?(pod: PodInfo): boolean
}

/** The highest score after normalising (upstream: MaxNodeScore). */
export const maxScore = 100

/** Says how well a node suits a pod. */
export interface ScorePlugin {
  name: string
  weight: number
  /** Looks at the pod and the nodes it could go to once; undefined when all are the same to it. */
  prepare(
    pod: PodInfo,
    cluster: ClusterView,
    feasible: readonly NodeInfo[],
  ): ((node: NodeInfo) => number) | undefined
  /** Brings raw scores to 0..100; without it they are in that range already. */
  normalize?(scores: number[]): number[]
}

/** Scales scores so that the best becomes 100; with `reverse` the least becomes the best (upstream: DefaultNormalizeScore). */
export function normalizeToMax(scores: number[], reverse: boolean): number[] {
  const max = Math.max(0, ...scores)
  if (max === 0) return scores.map(() => (reverse ? maxScore : 0))
  return scores.map((score) => {
    const scaled = Math.floor((maxScore * score) / max)
    return reverse ? maxScore - scaled : scaled
  })
}
