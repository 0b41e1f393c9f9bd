import type { ClusterView } from '../cluster-view.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import { topologyValue } from '../topology-counts.ts'
import { hasEveryTopology, type SpreadConstraint } from './spread-constraints.ts'

/** The domains of one rule, numbered, and the nodes whose pods count in them. */
export interface SpreadDomains {
  numbers: ReadonlyMap<string, number>
  nodes: ReadonlyMap<NodeInfo, number>
}

/** The domains of each of a pod's rules; the same for pods of one template until a node changes. */
export function spreadDomains(
  { pod }: PodInfo,
  constraints: readonly SpreadConstraint[],
  cluster: ClusterView,
): readonly SpreadDomains[] {
  const { nodeSelector, affinity, tolerations, topologySpreadConstraints } = pod.spec
  const rules = topologySpreadConstraints?.map((rule) => [
    rule.whenUnsatisfiable,
    rule.topologyKey,
    rule.nodeAffinityPolicy,
    rule.nodeTaintsPolicy,
  ])
  const key = JSON.stringify(['spread', rules, nodeSelector, affinity?.nodeAffinity, tolerations])
  return cluster.nodeMemo.get(key, () => findDomains(constraints, cluster))
}

function findDomains(
  constraints: readonly SpreadConstraint[],
  cluster: ClusterView,
): readonly SpreadDomains[] {
  const placed = cluster.nodes().filter((node) => hasEveryTopology(node, constraints))
  return constraints.map(({ topologyKey, counts }) => {
    const numbers = new Map<string, number>()
    const nodes = new Map<NodeInfo, number>()
    for (const node of placed) {
      if (!counts(node)) continue
      const domain = topologyValue(node, topologyKey) ?? ''
      const number = numbers.get(domain) ?? numbers.size
      numbers.set(domain, number)
      nodes.set(node, number)
    }
    return { numbers, nodes }
  })
}
