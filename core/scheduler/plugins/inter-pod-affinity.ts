import { termMatches, type AffinityTerm } from '../affinity-terms.ts'
import type { ClusterEvent } from '../cluster-event.ts'
import type { ClusterView } from '../cluster-view.ts'
import type { NodeInfo } from '../node-info.ts'
import type { FilterPlugin } from '../plugin.ts'
import type { PodCohort } from '../pod-cohorts.ts'
import type { PodInfo } from '../pod-info.ts'
import { TopologyCounts, topologyValue } from '../topology-counts.ts'

const noAffinity = { reasons: ["node(s) didn't match pod affinity rules"], isResolvable: false }
const antiAffinity = { reasons: ["node(s) didn't match pod anti-affinity rules"], isResolvable: true }
const existingAntiAffinity = {
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  isResolvable: true,
}

type Subject = Pick<PodInfo, 'namespace' | 'labels'>

function matchesAll(terms: readonly AffinityTerm[], subject: Subject, cluster: ClusterView): boolean {
  return terms.every((term) => termMatches(term, subject, cluster.namespaceLabels))
}

/** Where the pods are that the required terms speak of, by topology. */
class AffinityState {
  readonly #pod: PodInfo
  readonly #cluster: ClusterView
  /** Places that existing pods keep this pod away from. */
  readonly refused = new TopologyCounts()
  readonly near = new TopologyCounts()
  readonly away = new TopologyCounts()

  constructor(pod: PodInfo, cluster: ClusterView) {
    this.#pod = pod
    this.#cluster = cluster
    for (const cohort of cluster.cohorts.withRequiredAntiAffinity()) this.#count(cohort, 'refused')
    const { requiredAffinity, requiredAntiAffinity } = pod.affinity
    const terms = [...requiredAffinity, ...requiredAntiAffinity]
    for (const cohort of cohortsFor(terms, cluster)) this.#count(cohort, 'wanted')
  }

  #count(cohort: PodCohort, side: 'refused' | 'wanted'): void {
    // The answer is the same for all of a cohort: asked once, applied to each of its nodes.
    const apply = side === 'refused' ? this.#refusals(cohort) : this.#wants(cohort)
    if (apply) for (const [node, count] of cohort.nodes) apply(node, count)
  }

  #refusals({ affinity }: Pick<PodInfo, 'affinity'>): ((node: NodeInfo, delta: number) => void) | undefined {
    const terms = affinity.requiredAntiAffinity.filter((term) =>
      termMatches(term, this.#pod, this.#cluster.namespaceLabels),
    )
    if (terms.length === 0) return undefined
    return (node, delta) => terms.forEach(({ topologyKey }) => this.refused.add(node, topologyKey, delta))
  }

  #wants(subject: Subject): ((node: NodeInfo, delta: number) => void) | undefined {
    const { requiredAffinity, requiredAntiAffinity } = this.#pod.affinity
    const near =
      requiredAffinity.length > 0 && matchesAll(requiredAffinity, subject, this.#cluster)
        ? requiredAffinity
        : []
    const away = requiredAntiAffinity.filter((term) =>
      termMatches(term, subject, this.#cluster.namespaceLabels),
    )
    if (near.length + away.length === 0) return undefined
    return (node, delta) => {
      for (const { topologyKey } of near) this.near.add(node, topologyKey, delta)
      for (const { topologyKey } of away) this.away.add(node, topologyKey, delta)
    }
  }

  update(info: PodInfo, node: NodeInfo, delta: number): void {
    this.#refusals(info)?.(node, delta)
    this.#wants(info)?.(node, delta)
  }

  satisfiesAffinity(node: NodeInfo): boolean {
    const terms = this.#pod.affinity.requiredAffinity
    if (terms.some(({ topologyKey }) => topologyValue(node, topologyKey) === undefined)) return false
    if (terms.every(({ topologyKey }) => this.near.at(node, topologyKey) > 0)) return true
    // The first of a group that wants to be together may go anywhere.
    return this.near.isEmpty && matchesAll(terms, this.#pod, this.#cluster)
  }

  satisfiesAntiAffinity(node: NodeInfo): boolean {
    return this.#pod.affinity.requiredAntiAffinity.every(
      ({ topologyKey }) => this.away.at(node, topologyKey) <= 0,
    )
  }

  satisfiesExisting(node: NodeInfo): boolean {
    for (const key of this.refused.keys()) if (this.refused.at(node, key) > 0) return false
    return true
  }
}

/** The cohorts of the namespaces that any of the terms speaks of. */
export function cohortsFor(terms: readonly AffinityTerm[], cluster: ClusterView): Iterable<PodCohort> {
  if (terms.some(({ matchesNamespace }) => matchesNamespace)) return cluster.cohorts.all()
  const namespaces = new Set(terms.flatMap((term) => [...term.namespaces]))
  return [...namespaces].flatMap((namespace) => [...cluster.cohorts.inNamespace(namespace)])
}

/**
 * Required pod affinity and anti-affinity, also that of the pods which are there already against the new one
 * (upstream: plugins/interpodaffinity/filtering.go).
 */
export const interPodAffinityFilter: FilterPlugin = {
  name: 'InterPodAffinity',
  prepare(pod, cluster) {
    const { requiredAffinity, requiredAntiAffinity } = pod.affinity
    const state = new AffinityState(pod, cluster)
    if (requiredAffinity.length + requiredAntiAffinity.length === 0 && state.refused.isEmpty) return undefined
    return {
      check(node) {
        if (!state.satisfiesAffinity(node)) return noAffinity
        if (!state.satisfiesAntiAffinity(node)) return antiAffinity
        return state.satisfiesExisting(node) ? undefined : existingAntiAffinity
      },
      addPod: (info, node) => state.update(info, node, 1),
      removePod: (info, node) => state.update(info, node, -1),
    }
  },
  isHelpedBy,
}

function isHelpedBy(pod: PodInfo, event: ClusterEvent, cluster: ClusterView): boolean {
  const { requiredAffinity, requiredAntiAffinity } = pod.affinity
  const terms = [...requiredAffinity, ...requiredAntiAffinity]
  switch (event.type) {
    case 'NodeAdd':
    case 'NodeUpdate':
      return terms.every(({ topologyKey }) => topologyValue(event.node, topologyKey) !== undefined)
    case 'NodeDelete':
    case 'StorageUpdate':
    case 'DeviceUpdate':
      return false
    case 'NamespaceUpdate':
      return true
    case 'PodAdd':
      return requiredAffinity.length > 0 && matchesAll(requiredAffinity, event.pod, cluster)
    case 'PodUpdate':
      return terms.some(
        (term) =>
          termMatches(term, event.pod, cluster.namespaceLabels) !==
          termMatches(term, event.previous, cluster.namespaceLabels),
      )
    case 'PodDelete':
      return (
        requiredAntiAffinity.some((term) => termMatches(term, event.pod, cluster.namespaceLabels)) ||
        event.pod.affinity.requiredAntiAffinity.some((term) =>
          termMatches(term, pod, cluster.namespaceLabels),
        )
      )
  }
}
