import type { TopologySpreadConstraint } from '../../api/generated/core-v1.ts'
import { requiredNodeMatcher, type NodeMatcher } from '../../api/node-selector.ts'
import { matchesRequirements, requirementsOf, type Matcher } from '../../api/selectors.ts'
import { tolerates } from '../../api/taints.ts'
import type { ClusterView } from '../cluster-view.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import { topologyValue } from '../topology-counts.ts'

/** A spreading rule ready to be asked. */
export interface SpreadConstraint {
  topologyKey: string
  maxSkew: number
  minDomains: number
  matches: Matcher
  /** Whether the node's pods count, by the rule's policies on node affinity and taints. */
  counts: (node: NodeInfo) => boolean
}

export interface SpreadConstraints {
  constraints: SpreadConstraint[]
  /** The system's own rules, which do not ask that nodes have every topology key. */
  isSystemDefault: boolean
}

/** What pods of a Service or controller without rules of their own are spread by (upstream: systemDefaultConstraints). */
const systemDefaults = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
]

/** The pod's rules of one kind; for ScheduleAnyway the system's where it has no rules at all. */
export function spreadConstraintsOf(
  info: PodInfo,
  action: 'DoNotSchedule' | 'ScheduleAnyway',
  cluster?: ClusterView,
): SpreadConstraints {
  const own = info.pod.spec.topologySpreadConstraints ?? []
  if (own.length > 0) {
    const wanted = own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    if (wanted.length === 0) return { constraints: [], isSystemDefault: false }
    const affinity = requiredNodeMatcher(info.pod.spec)
    const constraints = wanted.map((constraint) => prepared(info, constraint, affinity))
    return { constraints, isSystemDefault: false }
  }
  const peers = action === 'ScheduleAnyway' ? cluster?.peersOf(info.pod) : undefined
  if (!peers) return { constraints: [], isSystemDefault: true }
  const affinity = requiredNodeMatcher(info.pod.spec)
  const counts = ({ node }: NodeInfo): boolean => node !== undefined && (!affinity || affinity(node))
  const constraints = systemDefaults.map((rule) => ({ ...rule, minDomains: 1, matches: peers, counts }))
  return { constraints, isSystemDefault: true }
}

function prepared(
  info: PodInfo,
  constraint: TopologySpreadConstraint,
  affinity: NodeMatcher | undefined,
): SpreadConstraint {
  const { topologyKey, maxSkew, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy } = constraint
  const tolerations = info.pod.spec.tolerations ?? []
  return {
    topologyKey,
    maxSkew,
    minDomains,
    matches: podMatcher(info, constraint),
    counts({ node }) {
      if (!node) return false
      if (nodeAffinityPolicy !== 'Ignore' && affinity && !affinity(node)) return false
      if (nodeTaintsPolicy !== 'Honor') return true
      return !node.spec?.taints?.some(
        (taint) =>
          taint.effect !== 'PreferNoSchedule' &&
          !tolerations.some((toleration) => tolerates(toleration, taint)),
      )
    },
  }
}

function podMatcher({ labels }: PodInfo, constraint: TopologySpreadConstraint): Matcher {
  const { labelSelector, matchLabelKeys = [] } = constraint
  if (!labelSelector) return () => false
  const requirements = requirementsOf(labelSelector)
  for (const key of matchLabelKeys) {
    const value = labels?.[key]
    if (value !== undefined) requirements.push({ key, operator: '=', values: [value] })
  }
  return (candidate) => matchesRequirements(requirements, candidate)
}

/** Whether the node has a place in the topology of every rule. */
export function hasEveryTopology(node: NodeInfo, constraints: readonly SpreadConstraint[]): boolean {
  return constraints.every(({ topologyKey }) => topologyValue(node, topologyKey) !== undefined)
}
