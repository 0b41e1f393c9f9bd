import { goQuote } from './go-text.ts'

/** The annotation by which definitions in groups of the Kubernetes community tell of their approval. */
export const approvalAnnotation = 'api-approved.kubernetes.io'

/** A URL with a host. */
const hasHost = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+\S*$/i
const link = 'see https://github.com/kubernetes/enhancements/pull/1111'

/** How far a definition is approved, and what is said of it. */
export interface Approval {
  state: 'missing' | 'invalid' | 'bypassed' | 'approved'
  reason: string
}

/** Whether a group belongs to the Kubernetes community, whose APIs need an approval. */
export function isProtectedGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`))
}

/** The approval that annotations tell of (upstream: apihelpers.GetAPIApprovalState). */
export function approvalOf(annotations: Record<string, string> | undefined): Approval {
  const value = annotations?.[approvalAnnotation]
  const needed = `protected groups must have approval annotation "${approvalAnnotation}"`
  if (!value) return { state: 'missing', reason: `${needed}, ${link}` }
  if (value.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${goQuote(value)}` }
  if (hasHost.test(value)) return { state: 'approved', reason: `approved in ${value}` }
  const choice = 'with either a URL or a reason starting with "unapproved"'
  return { state: 'invalid', reason: `${needed} ${choice}, ${link}` }
}
