import type { ClusterEvent } from '../cluster-event.ts'
import type { ClusterView } from '../cluster-view.ts'
import type { NodeInfo } from '../node-info.ts'
import type { FilterPlugin } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import { topologyValue } from '../topology-counts.ts'
import { hasEveryTopology, spreadConstraintsOf, type SpreadConstraint } from './spread-constraints.ts'

const mismatch = "node(s) didn't match pod topology spread constraints"
const tooSkewed = { reasons: [mismatch], isResolvable: true }
const withoutLabel = { reasons: [`${mismatch} (missing required label)`], isResolvable: false }

/** Matching pods of each domain of one rule. */
class DomainCounts {
  readonly constraint: SpreadConstraint
  /** 1 when the pod to be placed is itself one of those counted. */
  readonly self: number
  readonly #domains = new Map<string, number>()
  #least: number | undefined

  constructor(constraint: SpreadConstraint, info: PodInfo) {
    this.constraint = constraint
    this.self = constraint.matches(info.labels) ? 1 : 0
  }

  has(domain: string): boolean {
    return this.#domains.has(domain)
  }

  add(domain: string, delta: number): void {
    this.#domains.set(domain, (this.#domains.get(domain) ?? 0) + delta)
    this.#least = undefined
  }

  count(domain: string): number {
    return this.#domains.get(domain) ?? 0
  }

  /** The count of the emptiest domain; 0 when there are fewer domains than asked for. */
  least(): number {
    if (this.#least !== undefined) return this.#least
    let least = Infinity
    for (const count of this.#domains.values()) if (count < least) least = count
    return (this.#least = this.#domains.size < this.constraint.minDomains ? 0 : least)
  }
}

/**
 * Required spreading: no domain may have more than maxSkew matching pods above the emptiest one (upstream:
 * plugins/podtopologyspread/filtering.go). Terminating pods do not count.
 */
export const podTopologySpreadFilter: FilterPlugin = {
  name: 'PodTopologySpread',
  prepare(info, cluster) {
    const { constraints } = spreadConstraintsOf(info, 'DoNotSchedule')
    if (constraints.length === 0) return undefined
    const counted = constraints.map((constraint) => new DomainCounts(constraint, info))
    const eligible = countDomains(counted, cluster)
    countPods(counted, info, { cluster, eligible })

    function update(other: PodInfo, node: NodeInfo, delta: number): void {
      if (other.namespace !== info.namespace || other.isTerminating || !hasEveryTopology(node, constraints)) {
        return
      }
      for (const domains of counted) {
        const { matches, counts, topologyKey } = domains.constraint
        const domain = topologyValue(node, topologyKey)
        if (domain !== undefined && matches(other.labels) && counts(node)) domains.add(domain, delta)
      }
    }

    return {
      check(node) {
        for (const domains of counted) {
          const domain = topologyValue(node, domains.constraint.topologyKey)
          if (domain === undefined) return withoutLabel
          const skew = domains.count(domain) + domains.self - domains.least()
          if (skew > domains.constraint.maxSkew) return tooSkewed
        }
        return undefined
      },
      addPod: (other, node) => update(other, node, 1),
      removePod: (other, node) => update(other, node, -1),
    }
  },
  isHelpedBy,
}

/** Enters every domain with 0 and returns, rule by rule, the nodes that count. */
function countDomains(counted: readonly DomainCounts[], cluster: ClusterView): Set<NodeInfo>[] {
  const constraints = counted.map(({ constraint }) => constraint)
  const eligible = counted.map(() => new Set<NodeInfo>())
  for (const node of cluster.nodes()) {
    if (!hasEveryTopology(node, constraints)) continue
    for (const [index, domains] of counted.entries()) {
      if (!domains.constraint.counts(node)) continue
      const domain = topologyValue(node, domains.constraint.topologyKey) ?? ''
      if (!domains.has(domain)) domains.add(domain, 0)
      eligible[index]?.add(node)
    }
  }
  return eligible
}

function countPods(
  counted: readonly DomainCounts[],
  info: PodInfo,
  { cluster, eligible }: { cluster: ClusterView; eligible: readonly Set<NodeInfo>[] },
): void {
  for (const { labels, isTerminating, nodes } of cluster.cohorts.inNamespace(info.namespace)) {
    if (isTerminating) continue
    for (const [index, domains] of counted.entries()) {
      if (!domains.constraint.matches(labels)) continue
      const { topologyKey } = domains.constraint
      for (const [node, count] of nodes) {
        if (eligible[index]?.has(node)) domains.add(topologyValue(node, topologyKey) ?? '', count)
      }
    }
  }
}

function isHelpedBy(info: PodInfo, event: ClusterEvent): boolean {
  if (event.type === 'NamespaceUpdate') return false
  const { constraints } = spreadConstraintsOf(info, 'DoNotSchedule')
  if (event.type === 'NodeDelete') return true
  if (event.type === 'NodeAdd' || event.type === 'NodeUpdate')
    return hasEveryTopology(event.node, constraints)
  if (event.pod.namespace !== info.namespace) return false
  const isCounted = ({ labels, isTerminating }: PodInfo): boolean[] =>
    constraints.map(({ matches }) => !isTerminating && matches(labels))
  const now = isCounted(event.pod)
  if (event.type !== 'PodUpdate') return now.some(Boolean)
  const before = isCounted(event.previous)
  return now.some((counted, index) => counted !== before[index])
}
