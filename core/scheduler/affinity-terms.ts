import type {
  Pod,
  PodAffinityTerm as AffinityTermSpec,
  WeightedPodAffinityTerm,
} from '../api/generated/core-v1.ts'
import { matchesRequirements, requirementsOf, type Labels, type Matcher } from '../api/selectors.ts'
import { labelMatcher } from '../api/selectors.ts'

/** A pod affinity term ready to be asked (upstream: framework.AffinityTerm). */
export interface AffinityTerm {
  topologyKey: string
  namespaces: ReadonlySet<string>
  /** Further namespaces by their labels; undefined selects none. */
  matchesNamespace: Matcher | undefined
  matchesLabels: Matcher
  /** 1 to 100 for preferred terms; 0 for required ones. */
  weight: number
}

/** What a pod says of the pods it wants near or far. */
export interface AffinityTerms {
  requiredAffinity: readonly AffinityTerm[]
  requiredAntiAffinity: readonly AffinityTerm[]
  preferredAffinity: readonly AffinityTerm[]
  preferredAntiAffinity: readonly AffinityTerm[]
}

const none: readonly AffinityTerm[] = []
const nothing: AffinityTerms = {
  requiredAffinity: none,
  requiredAntiAffinity: none,
  preferredAffinity: none,
  preferredAntiAffinity: none,
}

/** The terms of a pod; `matchLabelKeys` and `mismatchLabelKeys` are taken from its own labels. */
export function affinityTermsOf(pod: Pod): AffinityTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  if (!podAffinity && !podAntiAffinity) return nothing
  const required = (terms: AffinityTermSpec[] | undefined): AffinityTerm[] =>
    (terms ?? []).map((term) => affinityTerm(pod, term, 0))
  const preferred = (terms: WeightedPodAffinityTerm[] | undefined): AffinityTerm[] =>
    (terms ?? []).map(({ weight, podAffinityTerm }) => affinityTerm(pod, podAffinityTerm, weight))
  return {
    requiredAffinity: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAntiAffinity: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  }
}

function affinityTerm(pod: Pod, term: AffinityTermSpec, weight: number): AffinityTerm {
  const { topologyKey, namespaces = [], namespaceSelector } = term
  // Neither list nor selector means the pod's own namespace; an empty selector means all.
  const own = namespaces.length === 0 && !namespaceSelector ? [pod.metadata.namespace ?? ''] : namespaces
  return {
    topologyKey,
    namespaces: new Set(own),
    matchesNamespace: namespaceSelector && labelMatcher(namespaceSelector),
    matchesLabels: termMatcher(term, pod.metadata.labels),
    weight,
  }
}

function termMatcher(term: AffinityTermSpec, labels: Labels): Matcher {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term
  if (!labelSelector) return () => false
  const requirements = requirementsOf(labelSelector)
  for (const key of matchLabelKeys) {
    const value = labels?.[key]
    if (value !== undefined) requirements.push({ key, operator: 'in', values: [value] })
  }
  for (const key of mismatchLabelKeys) {
    const value = labels?.[key]
    if (value !== undefined) requirements.push({ key, operator: 'notin', values: [value] })
  }
  return (candidate) => matchesRequirements(requirements, candidate)
}

/** Whether a term speaks of pods of this namespace with these labels. */
export function termMatches(
  term: AffinityTerm,
  subject: { namespace: string; labels: Labels },
  namespaceLabels: (namespace: string) => Labels,
): boolean {
  const { namespaces, matchesNamespace, matchesLabels } = term
  const isInNamespace =
    namespaces.has(subject.namespace) || matchesNamespace?.(namespaceLabels(subject.namespace)) === true
  return isInNamespace && matchesLabels(subject.labels)
}
