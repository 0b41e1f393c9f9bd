import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** Why a node cannot take a pod. */
export interface Rejection {
  /** Upstream's texts; counted over nodes in the pod's event. */
  reasons: string[]
  /** Whether removing pods from the node could help (upstream: Unschedulable against UnschedulableAndUnresolvable). */
  isResolvable: boolean
}

/** Says which nodes can take a pod. One that asks nothing of this pod returns undefined from `prepare`. */
export interface FilterPlugin {
  name: string
  /** Looks at the pod once and returns the check of a node, or undefined when every node will do. */
  prepare(pod: PodInfo): ((node: NodeInfo) => Rejection | undefined) | undefined
}

/** The highest score after normalising (upstream: MaxNodeScore). */
export const maxScore = 100

/** Says how well a node suits a pod. */
export interface ScorePlugin {
  name: string
  weight: number
  /** Looks at the pod once and returns the scoring of a node, or undefined when all are the same to it. */
  prepare(pod: PodInfo): ((node: NodeInfo) => number) | undefined
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
