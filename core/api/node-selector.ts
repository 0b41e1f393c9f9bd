import type { Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from './generated/core-v1.ts'
import { matchesRequirements, type Requirement } from './selectors.ts'

const operators: Record<string, Requirement['operator']> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
}

export type NodeMatcher = (node: Node) => boolean

/** A requirement with an operator that does not exist matches nothing. */
function requirementsOf(list: NodeSelectorRequirement[] | undefined): Requirement[] | undefined {
  const requirements: Requirement[] = []
  for (const { key, operator, values } of list ?? []) {
    const known = operators[operator]
    if (!known) return undefined
    requirements.push({ key, operator: known, values: values ?? [] })
  }
  return requirements
}

/** One term; a term without any requirement matches nothing (upstream: component-helpers nodeaffinity). */
export function nodeTermMatcher(term: NodeSelectorTerm): NodeMatcher {
  const labels = requirementsOf(term.matchExpressions)
  const fields = requirementsOf(term.matchFields)
  if (!labels || !fields || labels.length + fields.length === 0) return () => false
  return ({ metadata }) =>
    matchesRequirements(labels, metadata.labels) &&
    matchesRequirements(fields, { 'metadata.name': metadata.name })
}

/**
 * `nodeSelector` together with required node affinity (upstream: nodeaffinity.GetRequiredNodeAffinity); undefined when
 * the pod asks for neither.
 */
export function requiredNodeMatcher(spec: PodSpec): NodeMatcher | undefined {
  const selector = Object.entries(spec.nodeSelector ?? {})
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const terms = required?.nodeSelectorTerms.map(nodeTermMatcher)
  if (selector.length === 0 && !terms) return undefined
  return (node) => {
    const labels = node.metadata.labels ?? {}
    if (!selector.every(([key, value]) => labels[key] === value)) return false
    return !terms || terms.some((matches) => matches(node))
  }
}
