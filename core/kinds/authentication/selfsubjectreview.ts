import type { SelfSubjectReview } from '../../api/generated/authentication-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { createOnly } from '../create-only.ts'

export const selfSubjectReview = defineKind<SelfSubjectReview>({
  ...createOnly(),
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  namespaced: false,
  names: { plural: 'selfsubjectreviews', singular: 'selfsubjectreview' },
  schema: 'io.k8s.api.authentication.v1.SelfSubjectReview',
})
