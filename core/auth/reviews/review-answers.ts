import type { SelfSubjectReview, TokenReview } from '../../api/generated/authentication-v1.ts'
import type {
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../../api/generated/authorization-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { RequestContext } from '../../api/request.ts'
import type { TokenReviewer } from '../authn/token-reviewer.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { RuleResolver } from '../authz/rbac/rule-resolver.ts'
import { answerSelfReview, answerSubjectReview } from './access-reviews.ts'
import { answerSelfSubjectReview, answerTokenReview } from './identity-reviews.ts'
import { answerRulesReview } from './rules-review.ts'

/** Answers the creation of one review; structurally the registry's VirtualAnswer. */
type ReviewAnswer = (review: KubeObject, context: RequestContext) => KubeObject | Promise<KubeObject>

/** The answers to all review kinds, by `<plural>.<group>`. The registry has checked what they are given. */
export function createReviewAnswers(options: {
  authorizer: Authorizer
  rules: RuleResolver
  tokens: TokenReviewer
}): Record<string, ReviewAnswer> {
  const { authorizer, rules, tokens } = options
  const aboutSubject: ReviewAnswer = (review) =>
    answerSubjectReview(authorizer, review as SubjectAccessReview)
  return {
    'subjectaccessreviews.authorization.k8s.io': aboutSubject,
    'localsubjectaccessreviews.authorization.k8s.io': aboutSubject,
    'selfsubjectaccessreviews.authorization.k8s.io': (review, context) =>
      answerSelfReview(authorizer, review as SelfSubjectAccessReview, context),
    'selfsubjectrulesreviews.authorization.k8s.io': (review, context) =>
      answerRulesReview(rules, review as SelfSubjectRulesReview, context),
    'selfsubjectreviews.authentication.k8s.io': (review, context) =>
      answerSelfSubjectReview(review as SelfSubjectReview, context),
    'tokenreviews.authentication.k8s.io': (review) => answerTokenReview(tokens, review as TokenReview),
  }
}
