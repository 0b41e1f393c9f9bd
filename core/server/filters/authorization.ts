import type { UserInfo } from '../../api/request.ts'
import { accessDenied, type AuthorizationAttributes, type Authorizer } from '../../auth/authz/authorizer.ts'
import type { AuditRecord } from '../audit/audit-record.ts'
import type { AccessMetrics } from '../metrics/access-metrics.ts'
import type { RequestInfo } from '../request-info.ts'
import type { Filter } from './filter.ts'

/** Lets a request go on only when the authorizer allows it; else 403 with upstream's text. */
export function authorizationFilter(options: { authorizer: Authorizer; access: AccessMetrics }): Filter {
  const { authorizer, access } = options
  return async (exchange, next) => {
    const beganAt = performance.now()
    let isAllowed = false
    try {
      await requireAccess(authorizer, exchange.info, exchange.user, exchange.audit)
      isAllowed = true
    } finally {
      exchange.isDenied = !isAllowed
      access.authorized(performance.now() - beganAt, isAllowed)
    }
    return next(exchange)
  }
}

/** Throws the 403 of a request that is not allowed; either way `audit` is told why. */
export async function requireAccess(
  authorizer: Authorizer,
  info: RequestInfo,
  user: UserInfo,
  audit?: AuditRecord,
): Promise<void> {
  const attributes = attributesOf(info, user)
  const { allowed, reason } = await authorizer.authorize(attributes)
  if (audit) {
    audit.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid')
    audit.annotate('authorization.k8s.io/reason', reason ?? '')
  }
  if (!allowed) throw accessDenied(attributes, reason)
}

/** What an authorizer is told of a request. */
export function attributesOf(info: RequestInfo, user: UserInfo): AuthorizationAttributes {
  return {
    user,
    verb: info.verb,
    isResourceRequest: info.isResourceRequest,
    path: info.path,
    apiGroup: info.apiGroup,
    apiVersion: info.apiVersion,
    namespace: info.namespace,
    resource: info.resource,
    subresource: info.subresource,
    name: info.name,
    ...(info.fieldSelector && { fieldSelector: info.fieldSelector }),
  }
}
