import type { NodeInfo } from './node-info.ts'
import type { FilterPlugin, Rejection, ScorePlugin } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

/** What one attempt came to; everything the explanation is made from. */
export interface Attempt {
  /** Undefined: no node can take the pod. */
  chosen: NodeInfo | undefined
  /** How many nodes there are. */
  nodeCount: number
  rejections: Map<string, { plugin: string; rejection: Rejection }>
  /** Nodes that can take it, as far as was looked. */
  feasible: readonly NodeInfo[]
  /** Per plugin its normalised scores, in the order of `feasible`; empty when only one node was feasible. */
  scores: { plugin: string; weight: number; scores: number[] }[]
}

export interface ScheduleOptions {
  filters: readonly FilterPlugin[]
  scores: readonly ScorePlugin[]
  /** Breaks ties; 0 <= x < 1. */
  random: () => number
}

/** Finds a node for a pod: filter, score, choose. Keeps where it stopped, so that every node gets its turn. */
export interface Algorithm {
  schedule(pod: PodInfo, nodes: readonly NodeInfo[]): Attempt
  /** Whether this one node could take the pod. */
  isFeasible(pod: PodInfo, node: NodeInfo): boolean
}

/** Below this number all nodes are looked at (upstream: minFeasibleNodesToFind). */
const minFeasible = 100

/** Enough feasible nodes to choose from (upstream: numFeasibleNodesToFind): 50 % falling to 5 %, at least 100. */
function enoughFeasible(count: number): number {
  if (count < minFeasible) return count
  const percent = Math.max(50 - Math.floor(count / 125), 5)
  return Math.max(Math.floor((count * percent) / 100), minFeasible)
}

/** The algorithm over a set of plugins. */
export function createAlgorithm({ filters, scores, random }: ScheduleOptions): Algorithm {
  let start = 0

  function prepareFilters(
    pod: PodInfo,
  ): { plugin: string; check: (node: NodeInfo) => Rejection | undefined }[] {
    return filters.flatMap(({ name, prepare }) => {
      const check = prepare(pod)
      return check ? [{ plugin: name, check }] : []
    })
  }

  function scoreNodes(pod: PodInfo, feasible: readonly NodeInfo[]): Attempt['scores'] {
    return scores.flatMap((plugin) => {
      const score = plugin.prepare(pod)
      if (!score) return []
      const raw = feasible.map(score)
      return [{ plugin: plugin.name, weight: plugin.weight, scores: plugin.normalize?.(raw) ?? raw }]
    })
  }

  /** The node of the highest weighted sum; among equals each has the same chance. */
  function choose(feasible: readonly NodeInfo[], scored: Attempt['scores']): NodeInfo | undefined {
    let best: NodeInfo | undefined
    let bestScore = -1
    let ties = 0
    for (const [index, node] of feasible.entries()) {
      const total = scored.reduce((sum, entry) => sum + entry.weight * (entry.scores[index] ?? 0), 0)
      if (total > bestScore) {
        best = node
        bestScore = total
        ties = 1
      } else if (total === bestScore && random() * ++ties < 1) best = node
    }
    return best
  }

  return {
    isFeasible: (pod, node) =>
      node.node !== undefined && prepareFilters(pod).every(({ check }) => check(node) === undefined),

    schedule(pod, nodes) {
      const checks = prepareFilters(pod)
      const rejections: Attempt['rejections'] = new Map()
      const feasible: NodeInfo[] = []
      const enough = enoughFeasible(nodes.length)
      let looked = 0
      for (; looked < nodes.length && feasible.length < enough; looked++) {
        const node = nodes[(start + looked) % nodes.length]
        if (!node) break
        const rejected = firstRejection(checks, node)
        if (rejected) rejections.set(node.name, rejected)
        else feasible.push(node)
      }
      start = nodes.length > 0 ? (start + looked) % nodes.length : 0
      const scored = feasible.length > 1 ? scoreNodes(pod, feasible) : []
      return {
        chosen: feasible.length > 1 ? choose(feasible, scored) : feasible[0],
        nodeCount: nodes.length,
        rejections,
        feasible,
        scores: scored,
      }
    },
  }
}

function firstRejection(
  checks: { plugin: string; check: (node: NodeInfo) => Rejection | undefined }[],
  node: NodeInfo,
): { plugin: string; rejection: Rejection } | undefined {
  for (const { plugin, check } of checks) {
    const rejection = check(node)
    if (rejection) return { plugin, rejection }
  }
  return undefined
}
