import type { ExpressionAuthorizer } from '../admission/expressions/expression-authorizer.ts'
import type { Authorizer } from '../auth/authz/authorizer.ts'

/** Lets expressions of webhooks and policies ask the authorizer that requests are held against. */
export function createExpressionAuthorizer(authorizer: Authorizer): ExpressionAuthorizer {
  return async (user, check) => {
    const { allowed, reason = '' } = await authorizer.authorize({
      user,
      verb: check.verb,
      isResourceRequest: check.path === undefined,
      path: check.path ?? '',
      apiGroup: check.group ?? '',
      apiVersion: '*',
      namespace: check.namespace ?? '',
      resource: check.resource ?? '',
      subresource: check.subresource ?? '',
      name: check.name ?? '',
      ...(check.fieldSelector !== undefined && { fieldSelector: check.fieldSelector }),
    })
    return { isAllowed: allowed, reason }
  }
}
