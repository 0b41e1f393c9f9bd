import type { LocalSubjectAccessReview } from '../../api/generated/authorization-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { createOnly } from '../create-only.ts'
import { invalidValue } from '../../api/field-errors.ts'
import { internalForm, validateNoMetadata, validateSubjectQuestion } from './validation.ts'

export const localSubjectAccessReview = defineKind<LocalSubjectAccessReview>({
  ...createOnly(),
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  namespaced: true,
  names: { plural: 'localsubjectaccessreviews', singular: 'localsubjectaccessreview' },
  schema: 'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
  validate: validateLocal,
})

function validateLocal({ spec, metadata }: LocalSubjectAccessReview): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec
  const errors = [...validateSubjectQuestion(spec), ...validateNoMetadata(metadata, true)]
  const asked = resourceAttributes?.namespace ?? ''
  if (resourceAttributes && asked !== metadata.namespace) {
    errors.push(invalidValue('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'))
  }
  if (nonResourceAttributes) {
    const field = 'spec.nonResourceAttributes'
    errors.push(
      invalidValue(field, internalForm(nonResourceAttributes), 'disallowed on this kind of request'),
    )
  }
  return errors
}
