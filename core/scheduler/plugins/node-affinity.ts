import { nodeTermMatcher, requiredNodeMatcher } from '../../api/node-selector.ts'
import { normalizeToMax, type FilterPlugin, type ScorePlugin } from '../plugin.ts'

const name = 'NodeAffinity'
const rejection = { reasons: ["node(s) didn't match Pod's node affinity/selector"], isResolvable: false }

/** `nodeSelector` and required node affinity (upstream: plugins/nodeaffinity). */
export const nodeAffinityFilter: FilterPlugin = {
  name,
  prepare({ pod }) {
    const matches = requiredNodeMatcher(pod.spec)
    if (!matches) return undefined
    return { check: ({ node }) => (node && matches(node) ? undefined : rejection) }
  },
}

/** The sum of the weights of the preferred terms that the node matches. */
export const nodeAffinityScore: ScorePlugin = {
  name,
  weight: 2,
  prepare({ pod }) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    if (preferred.length === 0) return undefined
    const terms = preferred.map(({ weight, preference }) => ({
      weight,
      matches: nodeTermMatcher(preference),
    }))
    return ({ node }) =>
      node ? terms.reduce((sum, { weight, matches }) => sum + (matches(node) ? weight : 0), 0) : 0
  },
  normalize: (scores) => normalizeToMax(scores, false),
}
