import type { ClusterEvent } from './cluster-event.ts'
import type { ClusterView } from './cluster-view.ts'
import { startFilters, type FilterContext, type NodeRejection } from './filter-run.ts'
import type { NodeInfo } from './node-info.ts'
import type { Nominator } from './nominator.ts'
import type { FilterPlugin, ScorePlugin } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

/** What one attempt came to; everything the explanation is made from. */
export interface Attempt {
  /** Undefined: no node can take the pod. */
  chosen: NodeInfo | undefined
  /** How many nodes there are. */
  nodeCount: number
  rejections: ReadonlyMap<string, NodeRejection>
  /** What stands against the pod whatever the node. */
  refusal?: string
  /** Nodes that can take it, as far as was looked. */
  feasible: readonly NodeInfo[]
  /** Per plugin its normalised scores, in the order of `feasible`; empty when only one node was feasible. */
  scores: { plugin: string; weight: number; scores: number[] }[]
}

export interface ScheduleOptions {
  filters: readonly FilterPlugin[]
  scores: readonly ScorePlugin[]
  cluster: ClusterView
  nominator: Nominator
  /** Breaks ties; 0 <= x < 1. */
  random: () => number
}

/** Finds a node for a pod: filter, score, choose. Keeps where it stopped, so that every node gets its turn. */
export interface Algorithm {
  schedule(pod: PodInfo): Attempt
  /** Whether a pod that these plugins rejected may fit after the event. */
  isHelpedBy(pod: PodInfo, rejectedBy: ReadonlySet<string>, event: ClusterEvent): boolean
}

/** Below this number all nodes are looked at (upstream: minFeasibleNodesToFind). */
const minFeasible = 100

/** Enough feasible nodes to choose from (upstream: numFeasibleNodesToFind): 50 % falling to 5 %, at least 100. */
function enoughFeasible(count: number): number {
  if (count < minFeasible) return count
  const percent = Math.max(50 - Math.floor(count / 125), 5)
  return Math.max(Math.floor((count * percent) / 100), minFeasible)
}

/** What is said of nodes that a filter left out as a whole (upstream: findNodesThatFitPod). */
function unasked(plugin: string): NodeRejection {
  return {
    plugin,
    rejection: { reasons: [`node(s) didn't satisfy plugin(s) [${plugin}]`], isResolvable: false },
  }
}

/** The same said of every node. */
function refused(
  nodes: readonly NodeInfo[],
  { plugin, reason }: { plugin: string; reason: string },
): Attempt {
  const rejection = { reasons: [reason], isResolvable: false }
  return {
    chosen: undefined,
    nodeCount: nodes.length,
    rejections: new Map(nodes.map(({ name }) => [name, { plugin, rejection }])),
    refusal: reason,
    feasible: [],
    scores: [],
  }
}

/** The algorithm over a set of plugins. */
export function createAlgorithm(options: ScheduleOptions): Algorithm {
  const { filters, scores, cluster, nominator, random } = options
  const context: FilterContext = { filters, cluster, nominator }
  let start = 0

  function scoreNodes(pod: PodInfo, feasible: readonly NodeInfo[]): Attempt['scores'] {
    return scores.flatMap((plugin) => {
      const score = plugin.prepare(pod, cluster, feasible)
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

  /** Room was made there for this pod: when it fits, nothing else is asked. */
  function nominatedNode(pod: PodInfo): NodeInfo | undefined {
    const name = nominator.nodeOf(pod.key)
    return name === undefined ? undefined : cluster.nodes().find((node) => node.name === name)
  }

  /** Filters that judge a node by itself alone have nothing against this one. */
  function passesNodeFilters(pod: PodInfo, node: NodeInfo): boolean {
    return filters.every(
      (filter) => filter.isHelpedBy !== undefined || !filter.prepare(pod, cluster)?.check(node),
    )
  }

  return {
    isHelpedBy(pod, rejectedBy, event) {
      if (rejectedBy.size === 0) return event.type === 'NodeAdd'
      let isNodeRejected = false
      const isOfClasses = event.type === 'DeviceUpdate' && event.claimKey === undefined
      for (const filter of filters) {
        if (!rejectedBy.has(filter.name)) continue
        if (isOfClasses && filter.looksAtDeviceClasses?.(pod)) return true
        if (!filter.isHelpedBy) isNodeRejected = true
        else if (filter.isHelpedBy(pod, event, cluster)) return true
      }
      if (!isNodeRejected || event.type === 'NamespaceUpdate') return false
      if (event.type === 'StorageUpdate' || event.type === 'DeviceUpdate') return false
      if (event.type === 'NodeDelete' || event.type === 'PodAdd') return false
      return event.node.node !== undefined && passesNodeFilters(pod, event.node)
    },

    schedule(pod) {
      const all = cluster.nodes()
      const run = startFilters(pod, context)
      const { restriction, refusal } = run
      if (refusal) return refused(all, refusal)
      const nodes = restriction ? all.filter(({ name }) => restriction.nodes.has(name)) : all
      const rejections = new Map<string, NodeRejection>()
      const nominated = nominatedNode(pod)
      if (nominated && !run.rejection(nominated)) {
        return { chosen: nominated, nodeCount: all.length, rejections, feasible: [nominated], scores: [] }
      }
      const feasible: NodeInfo[] = []
      const enough = enoughFeasible(nodes.length)
      let looked = 0
      for (; looked < nodes.length && feasible.length < enough; looked++) {
        const node = nodes[(start + looked) % nodes.length]
        if (!node) break
        const rejected = run.rejection(node)
        if (rejected) rejections.set(node.name, rejected)
        else feasible.push(node)
      }
      if (!restriction) start = nodes.length > 0 ? (start + looked) % nodes.length : 0
      else if (feasible.length === 0) {
        for (const { name } of all) {
          if (!restriction.nodes.has(name)) rejections.set(name, unasked(restriction.plugin))
        }
      }
      const scored = feasible.length > 1 ? scoreNodes(pod, feasible) : []
      return {
        chosen: feasible.length > 1 ? choose(feasible, scored) : feasible[0],
        nodeCount: all.length,
        rejections,
        feasible,
        scores: scored,
      }
    },
  }
}
