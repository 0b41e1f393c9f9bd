import type { UserInfo } from '../../api/request.ts'
import { failure, forbidden, type StatusError } from '../../api/status.ts'

/** What is to be allowed (upstream: apiserver/pkg/authorization/authorizer Attributes). */
export interface AuthorizationAttributes {
  user: UserInfo
  /** API verb, or the lower-case method for non-resource requests. */
  verb: string
  isResourceRequest: boolean
  path: string
  apiGroup: string
  apiVersion: string
  namespace: string
  resource: string
  subresource: string
  name: string
  /** As sent with a list, watch or deletion of many. */
  fieldSelector?: string
}

interface Decision {
  allowed: boolean
  /** Why; shown to the client when refused. */
  reason?: string
}

/** Says whether a request may go on. The one object to replace when access control changes. */
export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Promise<Decision> | Decision
}

function describe(attributes: AuthorizationAttributes): string {
  const { user, verb, resource, subresource, apiGroup, namespace } = attributes
  if (!attributes.isResourceRequest) return `User "${user.name}" cannot ${verb} path "${attributes.path}"`
  const full = subresource ? `${resource}/${subresource}` : resource
  const scope = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'
  return `User "${user.name}" cannot ${verb} resource "${full}" in API group "${apiGroup}" ${scope}`
}

/** The 403 of a refused request (upstream: endpoints/handlers/responsewriters/errors.go). */
export function accessDenied(attributes: AuthorizationAttributes, reason: string | undefined): StatusError {
  const text = describe(attributes) + (reason ? `: ${reason}` : '')
  if (!attributes.isResourceRequest || !attributes.resource) {
    return failure(403, 'Forbidden', `forbidden: ${text}`, {})
  }
  return forbidden({ group: attributes.apiGroup, resource: attributes.resource }, attributes.name, text)
}
