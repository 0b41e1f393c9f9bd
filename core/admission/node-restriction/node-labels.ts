const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
const kubeletDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io']
const systemDomains = ['kubernetes.io', 'k8s.io']
const restrictedDomain = 'node-restriction.kubernetes.io'

function isWithin(domain: string, wanted: string): boolean {
  return domain === wanted || domain.endsWith(`.${wanted}`)
}

/** Whether a node may not give itself this label (upstream: kubelet/pkg/apis/well_known_labels.go, getForbiddenLabels). */
function isForbidden(label: string): boolean {
  const slash = label.indexOf('/')
  const domain = slash < 0 ? '' : label.slice(0, slash)
  if (isWithin(domain, restrictedDomain)) return true
  if (!systemDomains.some((one) => isWithin(domain, one))) return false
  return !kubeletLabels.has(label) && !kubeletDomains.some((one) => isWithin(domain, one))
}

type Labels = Record<string, string> | undefined

/** The labels that a node changes and may not, in order. */
export function forbiddenLabelChanges(next: Labels, old: Labels): string[] {
  const names = new Set([...Object.keys(next ?? {}), ...Object.keys(old ?? {})])
  return [...names].filter((name) => next?.[name] !== old?.[name] && isForbidden(name)).sort()
}
