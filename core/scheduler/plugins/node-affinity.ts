import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from '../../api/generated/core-v1.ts'
import { matchesRequirements, type Requirement } from '../../api/selectors.ts'
import { normalizeToMax, type FilterPlugin, type ScorePlugin } from '../plugin.ts'

const name = 'NodeAffinity'
const rejection = { reasons: ["node(s) didn't match Pod's node affinity/selector"], isResolvable: false }

const operators: Record<string, Requirement['operator']> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
}

type NodeMatcher = (node: Node) => boolean

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

/** A term without any requirement matches nothing (upstream: component-helpers nodeaffinity). */
function termMatcher(term: NodeSelectorTerm): NodeMatcher {
  const labels = requirementsOf(term.matchExpressions)
  const fields = requirementsOf(term.matchFields)
  if (!labels || !fields || labels.length + fields.length === 0) return () => false
  return ({ metadata }) =>
    matchesRequirements(labels, metadata.labels) &&
    matchesRequirements(fields, { 'metadata.name': metadata.name })
}

/** `nodeSelector` and required node affinity (upstream: plugins/nodeaffinity). */
export const nodeAffinityFilter: FilterPlugin = {
  name,
  prepare({ pod }) {
    const selector = Object.entries(pod.spec.nodeSelector ?? {})
    const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    const terms = required?.nodeSelectorTerms.map(termMatcher)
    if (selector.length === 0 && !terms) return undefined
    return ({ node }) => {
      if (!node) return rejection
      const labels = node.metadata.labels ?? {}
      const isSelected = selector.every(([key, value]) => labels[key] === value)
      return isSelected && (!terms || terms.some((matches) => matches(node))) ? undefined : rejection
    }
  },
}

/** The sum of the weights of the preferred terms that the node matches. */
export const nodeAffinityScore: ScorePlugin = {
  name,
  weight: 2,
  prepare({ pod }) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    if (preferred.length === 0) return undefined
    const terms = preferred.map(({ weight, preference }) => ({ weight, matches: termMatcher(preference) }))
    return ({ node }) =>
      node ? terms.reduce((sum, { weight, matches }) => sum + (matches(node) ? weight : 0), 0) : 0
  },
  normalize: (scores) => normalizeToMax(scores, false),
}
