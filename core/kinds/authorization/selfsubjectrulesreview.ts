import type { SelfSubjectRulesReview } from '../../api/generated/authorization-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { createOnly } from '../create-only.ts'

export const selfSubjectRulesReview = defineKind<SelfSubjectRulesReview>({
  ...createOnly(),
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  namespaced: false,
  names: { plural: 'selfsubjectrulesreviews', singular: 'selfsubjectrulesreview' },
  schema: 'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
})
