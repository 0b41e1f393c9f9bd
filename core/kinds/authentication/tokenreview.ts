import type { TokenReview } from '../../api/generated/authentication-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { createOnly } from '../create-only.ts'

export const tokenReview = defineKind<TokenReview>({
  ...createOnly(),
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  namespaced: false,
  names: { plural: 'tokenreviews', singular: 'tokenreview' },
  schema: 'io.k8s.api.authentication.v1.TokenReview',
})
