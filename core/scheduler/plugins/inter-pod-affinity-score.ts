import { termMatches, type AffinityTerm } from '../affinity-terms.ts'
import type { ClusterView } from '../cluster-view.ts'
import { maxScore, type ScorePlugin } from '../plugin.ts'
import type { PodCohort } from '../pod-cohorts.ts'
import type { PodInfo } from '../pod-info.ts'
import { TopologyCounts } from '../topology-counts.ts'
import { cohortsFor } from './inter-pod-affinity.ts'

/** What an existing pod's required affinity to the new one adds (upstream: hardPodAffinityWeight). */
const hardPodAffinityWeight = 1

/**
 * Preferred affinity and anti-affinity in both directions, and required affinity of existing pods (upstream:
 * plugins/interpodaffinity/scoring.go).
 */
export const interPodAffinityScore: ScorePlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  prepare(pod, cluster) {
    const scores = new TopologyCounts()
    const { preferredAffinity, preferredAntiAffinity } = pod.affinity
    const own = [...preferredAffinity, ...preferredAntiAffinity]
    for (const cohort of cohortsFor(own, cluster)) addOwn(scores, { pod, cohort, cluster })
    for (const cohort of cluster.cohorts.withAffinity()) addExisting(scores, { pod, cohort, cluster })
    if (scores.isEmpty) return undefined
    const keys = [...scores.keys()]
    return (node) => keys.reduce((sum, key) => sum + scores.at(node, key), 0)
  },
  normalize(scores) {
    const min = Math.min(...scores)
    const range = Math.max(...scores) - min
    return scores.map((score) => (range > 0 ? Math.floor((maxScore * (score - min)) / range) : 0))
  },
}

interface Pair {
  pod: PodInfo
  cohort: PodCohort
  cluster: ClusterView
}

function addOwn(scores: TopologyCounts, { pod, cohort, cluster }: Pair): void {
  const { preferredAffinity, preferredAntiAffinity } = pod.affinity
  const about = (terms: readonly AffinityTerm[]): readonly AffinityTerm[] =>
    terms.filter((term) => termMatches(term, cohort, cluster.namespaceLabels))
  for (const term of about(preferredAffinity)) addTerm(scores, cohort, { term, weight: term.weight })
  for (const term of about(preferredAntiAffinity)) addTerm(scores, cohort, { term, weight: -term.weight })
}

function addExisting(scores: TopologyCounts, { pod, cohort, cluster }: Pair): void {
  const about = (terms: readonly AffinityTerm[]): readonly AffinityTerm[] =>
    terms.filter((term) => termMatches(term, pod, cluster.namespaceLabels))
  const { requiredAffinity, preferredAffinity, preferredAntiAffinity } = cohort.affinity
  for (const term of about(requiredAffinity)) addTerm(scores, cohort, { term, weight: hardPodAffinityWeight })
  for (const term of about(preferredAffinity)) addTerm(scores, cohort, { term, weight: term.weight })
  for (const term of about(preferredAntiAffinity)) addTerm(scores, cohort, { term, weight: -term.weight })
}

function addTerm(
  scores: TopologyCounts,
  { nodes }: PodCohort,
  { term, weight }: { term: AffinityTerm; weight: number },
): void {
  for (const [node, count] of nodes) scores.add(node, term.topologyKey, weight * count)
}
