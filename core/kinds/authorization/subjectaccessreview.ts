import type { SubjectAccessReview } from '../../api/generated/authorization-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { createOnly } from '../create-only.ts'
import { validateNoMetadata, validateSubjectQuestion } from './validation.ts'

export const subjectAccessReview = defineKind<SubjectAccessReview>({
  ...createOnly(),
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  namespaced: false,
  names: { plural: 'subjectaccessreviews', singular: 'subjectaccessreview' },
  schema: 'io.k8s.api.authorization.v1.SubjectAccessReview',
  validate: ({ spec, metadata }) => [
    ...validateSubjectQuestion(spec),
    ...validateNoMetadata(metadata, false),
  ],
})
