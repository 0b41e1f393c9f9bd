import type {
  SelfSubjectReview,
  TokenReview,
  UserInfo as WireUser,
} from '../../api/generated/authentication-v1.ts'
import type { RequestContext, UserInfo } from '../../api/request.ts'
import { badRequest } from '../../api/status.ts'
import type { TokenReviewer } from '../authn/token-reviewer.ts'

/** Tells the user who asks who they are. */
export function answerSelfSubjectReview(
  review: SelfSubjectReview,
  context: RequestContext,
): SelfSubjectReview {
  const { apiVersion, kind } = review
  return {
    ...(apiVersion ? { apiVersion } : {}),
    ...(kind ? { kind } : {}),
    metadata: { creationTimestamp: context.now } as SelfSubjectReview['metadata'],
    status: { userInfo: wireUser(context.user) },
  }
}

/** Judges the token in the review. Throws BadRequest when there is none. */
export async function answerTokenReview(reviewer: TokenReviewer, review: TokenReview): Promise<TokenReview> {
  const { token, audiences = [] } = review.spec
  if (!token) throw badRequest('token is required for TokenReview in authentication')
  const found = await reviewer.review(token, audiences)
  const status = found
    ? { authenticated: true, user: wireUser(found.user), audiences: found.audiences }
    : { error: 'invalid bearer token', user: {} }
  return { ...review, status }
}

function wireUser({ name, uid, groups, extra }: UserInfo): WireUser {
  const user: WireUser = { username: name }
  if (uid) user.uid = uid
  if (groups.length > 0) user.groups = groups
  if (extra && Object.keys(extra).length > 0) user.extra = extra
  return user
}
