import { approvalAnnotation, approvalOf, isProtectedGroup } from '../../../api/api-approval.ts'
import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import { invalidValue, required } from '../../../api/field-errors.ts'
import type { FieldError } from '../../../api/status.ts'

const field = `metadata.annotations[${approvalAnnotation}]`

/** The approval that a definition in a community group must carry. */
export function validateApproval({ metadata, spec }: CustomResourceDefinition): FieldError[] {
  if (!isProtectedGroup(spec.group ?? '')) return []
  const { state, reason } = approvalOf(metadata.annotations)
  if (state === 'missing') return [required(field, reason)]
  if (state !== 'invalid') return []
  return [invalidValue(field, metadata.annotations?.[approvalAnnotation], reason)]
}
