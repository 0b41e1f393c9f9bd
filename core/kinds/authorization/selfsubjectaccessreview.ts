import type { SelfSubjectAccessReview } from '../../api/generated/authorization-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { createOnly } from '../create-only.ts'
import { validateNoMetadata, validateQuestion } from './validation.ts'

export const selfSubjectAccessReview = defineKind<SelfSubjectAccessReview>({
  ...createOnly(),
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
  names: { plural: 'selfsubjectaccessreviews', singular: 'selfsubjectaccessreview' },
  schema: 'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
  validate: ({ spec, metadata }) => [...validateQuestion(spec), ...validateNoMetadata(metadata, false)],
})
