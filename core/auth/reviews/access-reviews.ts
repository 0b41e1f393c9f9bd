import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../api/generated/authorization-v1.ts'
import type { RequestContext, UserInfo } from '../../api/request.ts'
import type { AuthorizationAttributes, Authorizer } from '../authz/authorizer.ts'

/** Answers the question about the user that the review names. */
export async function answerSubjectReview<T extends SubjectAccessReview | LocalSubjectAccessReview>(
  authorizer: Authorizer,
  review: T,
): Promise<T> {
  const { spec } = review
  return { ...review, status: await decide(authorizer, userOf(spec), spec) }
}

/** Answers the question about the user who asks. */
export async function answerSelfReview(
  authorizer: Authorizer,
  review: SelfSubjectAccessReview,
  context: RequestContext,
): Promise<SelfSubjectAccessReview> {
  return { ...review, status: await decide(authorizer, context.user, review.spec) }
}

function userOf({ user = '', groups = [], uid, extra }: SubjectAccessReviewSpec): UserInfo {
  return { name: user, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) }
}

interface Question {
  resourceAttributes?: ResourceAttributes
  nonResourceAttributes?: NonResourceAttributes
}

async function decide(
  authorizer: Authorizer,
  user: UserInfo,
  question: Question,
): Promise<SubjectAccessReviewStatus> {
  const { allowed, reason } = await authorizer.authorize(attributesOf(user, question))
  return reason ? { allowed, reason } : { allowed }
}

function attributesOf(user: UserInfo, question: Question): AuthorizationAttributes {
  const { resourceAttributes: about, nonResourceAttributes } = question
  return {
    user,
    verb: about?.verb ?? nonResourceAttributes?.verb ?? '',
    isResourceRequest: about !== undefined,
    path: nonResourceAttributes?.path ?? '',
    apiGroup: about?.group ?? '',
    apiVersion: about?.version ?? '',
    namespace: about?.namespace ?? '',
    resource: about?.resource ?? '',
    subresource: about?.subresource ?? '',
    name: about?.name ?? '',
  }
}
