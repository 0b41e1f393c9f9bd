import type { NodeSelectorTerm } from '../../api/generated/core-v1.ts'

/** Labels that nodes had under other names once (upstream: pkg/api/node/util.go). */
const deprecated: Record<string, { since: string; stable: string }> = {
  'beta.kubernetes.io/arch': { since: 'v1.14', stable: 'kubernetes.io/arch' },
  'beta.kubernetes.io/os': { since: 'v1.14', stable: 'kubernetes.io/os' },
  'beta.kubernetes.io/instance-type': { since: 'v1.17', stable: 'node.kubernetes.io/instance-type' },
  'failure-domain.beta.kubernetes.io/region': { since: 'v1.17', stable: 'topology.kubernetes.io/region' },
  'failure-domain.beta.kubernetes.io/zone': { since: 'v1.17', stable: 'topology.kubernetes.io/zone' },
}

/** The name that a label has now; undefined for one that always had its name. */
export function stableNodeLabel(key: string): string | undefined {
  return deprecated[key]?.stable
}

/** What to say of a label of nodes; nothing of one that is in use. */
export function warnOfNodeLabel(key: string): string | undefined {
  const label = deprecated[key]
  return label && `deprecated since ${label.since}; use ${JSON.stringify(label.stable)} instead`
}

/** The same of the labels in a node selector. */
export function warnOfNodeTerm(term: NodeSelectorTerm | undefined, path: string): string[] {
  return (term?.matchExpressions ?? []).flatMap(({ key }, at) => {
    const why = warnOfNodeLabel(key)
    return why ? [`${path}.matchExpressions[${at}].key: ${key} is ${why}`] : []
  })
}
