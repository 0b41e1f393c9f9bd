import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, required } from '../../../api/field-errors.ts'

const annotation = 'api-approved.kubernetes.io'
const field = `metadata.annotations[${annotation}]`
const link = 'see https://github.com/kubernetes/enhancements/pull/1111'

/** Whether a group belongs to the Kubernetes community, whose APIs need an approval. */
function isProtectedGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`))
}

/** How far a definition is approved (upstream: apihelpers.GetAPIApprovalState). */
export function approvalState({ metadata }: CustomResourceDefinition): ApprovalState {
  const value = metadata.annotations?.[annotation]
  if (!value) return 'missing'
  if (value.startsWith('unapproved')) return 'bypassed'
  return URL.canParse(value) && new URL(value).host !== '' ? 'approved' : 'invalid'
}

type ApprovalState = 'missing' | 'invalid' | 'bypassed' | 'approved'

/** The approval that a definition in a community group must carry. */
export function validateApproval(object: CustomResourceDefinition): FieldError[] {
  if (!isProtectedGroup(object.spec.group ?? '')) return []
  const state = approvalState(object)
  if (state === 'missing')
    return [required(field, `protected groups must have approval annotation "${annotation}", ${link}`)]
  if (state !== 'invalid') return []
  const why = `protected groups must have approval annotation "${annotation}" with either a URL or a reason starting with "unapproved", ${link}`
  return [invalidValue(field, object.metadata.annotations?.[annotation], why)]
}
