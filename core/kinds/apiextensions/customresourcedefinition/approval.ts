import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, required } from '../../validation/field-errors.ts'

const annotation = 'api-approved.kubernetes.io'
const field = `metadata.annotations[${annotation}]`
const link = 'see https://github.com/kubernetes/enhancements/pull/1111'

/** Whether a group belongs to the Kubernetes community, whose APIs need an approval. */
function isProtectedGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`))
}

/** The approval that a definition in a community group must carry (upstream: apihelpers.GetAPIApprovalState). */
export function validateApproval(object: CustomResourceDefinition): FieldError[] {
  if (!isProtectedGroup(object.spec.group ?? '')) return []
  const value = object.metadata.annotations?.[annotation]
  if (!value)
    return [required(field, `protected groups must have approval annotation "${annotation}", ${link}`)]
  if (value.startsWith('unapproved')) return []
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url && url.host !== '' && url.protocol !== '') return []
  const why = `protected groups must have approval annotation "${annotation}" with either a URL or a reason starting with "unapproved", ${link}`
  return [invalidValue(field, value, why)]
}
