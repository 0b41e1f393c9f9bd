import type { Pod } from '../../api/generated/core-v1.ts'
import { nodeTermMatcher, requiredNodeMatcher } from '../../api/node-selector.ts'
import { normalizeToMax, type FilterPlugin, type ScorePlugin } from '../plugin.ts'

const name = 'NodeAffinity'
const rejection = { reasons: ["node(s) didn't match Pod's node affinity/selector"], isResolvable: false }

/** The nodes that required affinity names one by one, as a DaemonSet's does; undefined when some term names none. */
function namedNodes({ spec }: Pod): Set<string> | undefined {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (!required) return undefined
  const names = new Set<string>()
  for (const { matchFields } of required.nodeSelectorTerms) {
    const field = matchFields?.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    if (!field) return undefined
    for (const name of field.values ?? []) names.add(name)
  }
  return names
}

/** `nodeSelector` and required node affinity (upstream: plugins/nodeaffinity). */
export const nodeAffinityFilter: FilterPlugin = {
  name,
  prepare({ pod }) {
    const matches = requiredNodeMatcher(pod.spec)
    if (!matches) return undefined
    const onlyNodes = namedNodes(pod)
    return {
      ...(onlyNodes ? { onlyNodes } : {}),
      check: ({ node }) => (node && matches(node) ? undefined : rejection),
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
    const terms = preferred.map(({ weight, preference }) => ({
      weight,
      matches: nodeTermMatcher(preference),
    }))
    return ({ node }) =>
      node ? terms.reduce((sum, { weight, matches }) => sum + (matches(node) ? weight : 0), 0) : 0
  },
  normalize: (scores) => normalizeToMax(scores, false),
}
