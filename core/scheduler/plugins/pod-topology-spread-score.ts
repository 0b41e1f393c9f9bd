import type { NodeInfo } from '../node-info.ts'
import { maxScore, type ScorePlugin } from '../plugin.ts'
import type { PodCohort } from '../pod-cohorts.ts'
import { topologyValue } from '../topology-counts.ts'
import { hasEveryTopology, spreadConstraintsOf, type SpreadConstraint } from './spread-constraints.ts'

const hostname = 'kubernetes.io/hostname'
/** The raw score of a node that lacks a topology key; it becomes 0. */
const ignored = -1

/**
 * Preferred spreading, by the pod's own rules or the system's: nodes in domains with fewer matching pods are better; a rule
 * over more domains weighs more (upstream: plugins/podtopologyspread/scoring.go).
 */
export const podTopologySpreadScore: ScorePlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  prepare(info, cluster, feasible) {
    const { constraints, isSystemDefault } = spreadConstraintsOf(info, 'ScheduleAnyway', cluster)
    if (constraints.length === 0) return undefined
    const needsAll = !isSystemDefault
    const counted = (node: NodeInfo): boolean => !needsAll || hasEveryTopology(node, constraints)
    const candidates = feasible.filter(counted)
    const peers = [...cluster.cohorts.inNamespace(info.namespace)].filter(
      ({ isTerminating }) => !isTerminating,
    )
    const parts = constraints.map((constraint) => {
      const matching = peers.filter(({ labels }) => constraint.matches(labels))
      const isHost = constraint.topologyKey === hostname
      const domains = isHost ? undefined : domainCounts(constraint, candidates, { matching, counted })
      const size = domains?.size ?? candidates.length
      return { constraint, matching, domains, weight: Math.log(size + 2) }
    })
    return (node) => {
      if (!counted(node)) return ignored
      let score = 0
      for (const { constraint, matching, domains, weight } of parts) {
        const domain = topologyValue(node, constraint.topologyKey)
        if (domain === undefined) continue
        const count = domains ? (domains.get(domain) ?? 0) : podsOn(node, matching)
        score += count * weight + (constraint.maxSkew - 1)
      }
      return Math.round(score)
    }
  },
  normalize,
}

function podsOn(node: NodeInfo, matching: readonly PodCohort[]): number {
  let count = 0
  for (const { nodes } of matching) count += nodes.get(node) ?? 0
  return count
}

/** Matching pods of each domain that a candidate is in. */
function domainCounts(
  { topologyKey, counts }: SpreadConstraint,
  candidates: readonly NodeInfo[],
  { matching, counted }: { matching: readonly PodCohort[]; counted: (node: NodeInfo) => boolean },
): Map<string, number> {
  const domains = new Map<string, number>()
  for (const node of candidates) {
    // Under the system's rules a node without the label stands for a domain of its own, as upstream counts.
    domains.set(topologyValue(node, topologyKey) ?? '', 0)
  }
  for (const { nodes } of matching) {
    for (const [node, count] of nodes) {
      const domain = topologyValue(node, topologyKey) ?? ''
      const known = domains.get(domain)
      if (known !== undefined && counted(node) && counts(node)) domains.set(domain, known + count)
    }
  }
  return domains
}

function normalize(scores: number[]): number[] {
  const valid = scores.filter((score) => score !== ignored)
  const max = Math.max(0, ...valid)
  const min = Math.min(...valid)
  return scores.map((score) => {
    if (score === ignored) return 0
    return max === 0 ? maxScore : Math.floor((maxScore * (max + min - score)) / max)
  })
}
