import type { NodeSelectorTerm } from '../../api/generated/core-v1.ts'

interface OldLabel {
  why: string
  /** Its name now. */
  stable?: string
}

const renamed = (since: string, stable: string): OldLabel => ({
  why: `deprecated since ${since}; use ${JSON.stringify(stable)} instead`,
  stable,
})

/** Labels that nodes had once, some of which have other names now (upstream: pkg/api/node/util.go). */
const deprecated: Record<string, OldLabel> = {
  'beta.kubernetes.io/arch': renamed('v1.14', 'kubernetes.io/arch'),
  'beta.kubernetes.io/os': renamed('v1.14', 'kubernetes.io/os'),
  'beta.kubernetes.io/instance-type': renamed('v1.17', 'node.kubernetes.io/instance-type'),
  'failure-domain.beta.kubernetes.io/region': renamed('v1.17', 'topology.kubernetes.io/region'),
  'failure-domain.beta.kubernetes.io/zone': renamed('v1.17', 'topology.kubernetes.io/zone'),
  'app.kubernetes.io/created-by': { why: 'deprecated since v1.9' },
  'scheduler.alpha.kubernetes.io/preferAvoidPods': {
    why: 'deprecated since v1.22; use Taints and Tolerations instead',
  },
  'node-role.kubernetes.io/master': { why: 'use "node-role.kubernetes.io/control-plane" instead' },
}

/** The name that a label has now; undefined for one that always had its name. */
export function stableNodeLabel(key: string): string | undefined {
  return deprecated[key]?.stable
}

/** What to say of a label of nodes; nothing of one that is in use. */
export function warnOfNodeLabel(key: string): string | undefined {
  return deprecated[key]?.why
}

/** The same of the labels in a node selector. */
export function warnOfNodeTerm(term: NodeSelectorTerm | undefined, path: string): string[] {
  return (term?.matchExpressions ?? []).flatMap(({ key }, at) => {
    const why = warnOfNodeLabel(key)
    return why ? [`${path}.matchExpressions[${at}].key: ${key} is ${why}`] : []
  })
}
