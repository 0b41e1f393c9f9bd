import type { Labels } from '../api/selectors.ts'
import type { AffinityTerms } from './affinity-terms.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** Pods that no other pod can tell apart: same namespace, labels and pod affinity, all terminating or none. */
export interface PodCohort {
  readonly namespace: string
  readonly labels: Labels
  readonly isTerminating: boolean
  readonly affinity: AffinityTerms
  /** How many are on each node; never 0. */
  readonly nodes: ReadonlyMap<NodeInfo, number>
}

type Counted = PodCohort & { nodes: Map<NodeInfo, number> }

function hasTerms(affinity: AffinityTerms): boolean {
  const { requiredAffinity, requiredAntiAffinity, preferredAffinity, preferredAntiAffinity } = affinity
  return [requiredAffinity, requiredAntiAffinity, preferredAffinity, preferredAntiAffinity].some(
    (terms) => terms.length > 0,
  )
}

/**
 * Assigned pods by cohort. A Deployment's thousand pods are one entry, so that questions such as "where are pods with
 * these labels" cost by the number of workloads and nodes, not of pods.
 */
export class PodCohorts {
  #all = new Map<string, Counted>()
  #byNamespace = new Map<string, Set<Counted>>()
  #withAffinity = new Set<Counted>()
  #withRequiredAntiAffinity = new Set<Counted>()

  all(): Iterable<PodCohort> {
    return this.#all.values()
  }

  inNamespace(namespace: string): Iterable<PodCohort> {
    return this.#byNamespace.get(namespace) ?? []
  }

  /** Those whose pods have any pod affinity or anti-affinity. */
  withAffinity(): Iterable<PodCohort> {
    return this.#withAffinity
  }

  withRequiredAntiAffinity(): Iterable<PodCohort> {
    return this.#withRequiredAntiAffinity
  }

  add(info: PodInfo, node: NodeInfo): void {
    let cohort = this.#all.get(info.cohortKey)
    if (!cohort) {
      const { namespace, labels, isTerminating, affinity } = info
      cohort = { namespace, labels, isTerminating, affinity, nodes: new Map() }
      this.#enter(info.cohortKey, cohort)
    }
    cohort.nodes.set(node, (cohort.nodes.get(node) ?? 0) + 1)
  }

  remove(info: PodInfo, node: NodeInfo): void {
    const cohort = this.#all.get(info.cohortKey)
    if (!cohort) return
    const count = (cohort.nodes.get(node) ?? 0) - 1
    if (count > 0) cohort.nodes.set(node, count)
    else cohort.nodes.delete(node)
    if (cohort.nodes.size === 0) this.#leave(info.cohortKey, cohort)
  }

  #enter(key: string, cohort: Counted): void {
    const { namespace, affinity } = cohort
    this.#all.set(key, cohort)
    let members = this.#byNamespace.get(namespace)
    if (!members) this.#byNamespace.set(namespace, (members = new Set()))
    members.add(cohort)
    if (hasTerms(affinity)) this.#withAffinity.add(cohort)
    if (affinity.requiredAntiAffinity.length > 0) this.#withRequiredAntiAffinity.add(cohort)
  }

  #leave(key: string, cohort: Counted): void {
    this.#all.delete(key)
    const members = this.#byNamespace.get(cohort.namespace)
    members?.delete(cohort)
    if (members?.size === 0) this.#byNamespace.delete(cohort.namespace)
    this.#withAffinity.delete(cohort)
    this.#withRequiredAntiAffinity.delete(cohort)
  }
}
