import type { ClusterEvent } from '../cluster-event.ts'
import type { NodeInfo } from '../node-info.ts'
import type { FilterPlugin } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import { topologyValue } from '../topology-counts.ts'
import { hasEveryTopology, spreadConstraintsOf, type SpreadConstraint } from './spread-constraints.ts'
import { spreadDomains, type SpreadDomains } from './spread-domains.ts'

const mismatch = "node(s) didn't match pod topology spread constraints"
const tooSkewed = { reasons: [mismatch], isResolvable: true }
const withoutLabel = { reasons: [`${mismatch} (missing required label)`], isResolvable: false }

/** Matching pods of each domain of one rule. */
class DomainCounts {
  readonly constraint: SpreadConstraint
  readonly #domains: SpreadDomains
  /** 1 when the pod to be placed is itself one of those counted. */
  readonly #self: number
  readonly #counts: Int32Array
  #least: number | undefined

  constructor(info: PodInfo, constraint: SpreadConstraint, domains: SpreadDomains) {
    this.constraint = constraint
    this.#domains = domains
    this.#self = constraint.matches(info.labels) ? 1 : 0
    this.#counts = new Int32Array(domains.numbers.size)
  }

  /** Counts pods of a node; those of a node outside all domains do not matter. */
  add(node: NodeInfo, delta: number): void {
    const number = this.#domains.nodes.get(node)
    if (number === undefined) return
    this.#counts[number] = (this.#counts[number] ?? 0) + delta
    this.#least = undefined
  }

  /** How much fuller than the emptiest domain this one would be with the pod. */
  skewAt(domain: string): number {
    const number = this.#domains.numbers.get(domain)
    const count = number === undefined ? 0 : (this.#counts[number] ?? 0)
    return count + this.#self - (this.#least ??= this.#countLeast())
  }

  /** The count of the emptiest domain; 0 when there are fewer domains than asked for. */
  #countLeast(): number {
    if (this.#counts.length < this.constraint.minDomains) return 0
    let least = Infinity
    for (const count of this.#counts) if (count < least) least = count
    return least
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
    const domains = spreadDomains(info, constraints, cluster)
    const counted = constraints.flatMap((constraint, index) => {
      const own = domains[index]
      return own ? [new DomainCounts(info, constraint, own)] : []
    })
    for (const { labels, isTerminating, nodes } of cluster.cohorts.inNamespace(info.namespace)) {
      if (isTerminating) continue
      for (const counts of counted) {
        if (!counts.constraint.matches(labels)) continue
        for (const [node, count] of nodes) counts.add(node, count)
      }
    }

    function update(other: PodInfo, node: NodeInfo, delta: number): void {
      if (other.namespace !== info.namespace || other.isTerminating) return
      for (const counts of counted) if (counts.constraint.matches(other.labels)) counts.add(node, delta)
    }

    return {
      check(node) {
        for (const counts of counted) {
          const domain = topologyValue(node, counts.constraint.topologyKey)
          if (domain === undefined) return withoutLabel
          if (counts.skewAt(domain) > counts.constraint.maxSkew) return tooSkewed
        }
        return undefined
      },
      addPod: (other, node) => update(other, node, 1),
      removePod: (other, node) => update(other, node, -1),
    }
  },
  isHelpedBy,
}

function isHelpedBy(info: PodInfo, event: ClusterEvent): boolean {
  if (event.type === 'NamespaceUpdate' || event.type === 'StorageUpdate') return false
  if (event.type === 'DeviceUpdate') return false
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
