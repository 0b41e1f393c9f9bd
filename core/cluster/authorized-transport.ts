import type { GroupVersionResource } from '../api/gvk.ts'
import type { UserInfo } from '../api/request.ts'
import { accessDenied, type AuthorizationAttributes, type Authorizer } from '../auth/authz/authorizer.ts'
import type { Transport } from '../client/transport.ts'

interface Call {
  resource: GroupVersionResource
  namespace?: string
  name?: string
  subresource?: string
  query?: Record<string, string>
}

/** The transport for a user who may do only what the authorizer allows, as over HTTP; throws its 403. */
export function createAuthorizedTransport(
  transport: Transport,
  user: UserInfo,
  authorizer: Authorizer,
): Transport {
  async function require(verb: string, call: Call): Promise<void> {
    const { group, version, resource } = call.resource
    const fieldSelector = call.query?.fieldSelector
    const attributes: AuthorizationAttributes = {
      user,
      verb,
      isResourceRequest: true,
      path: '',
      apiGroup: group,
      apiVersion: version,
      namespace: call.namespace ?? '',
      resource,
      subresource: call.subresource ?? '',
      name: call.name ?? '',
      ...(fieldSelector !== undefined && { fieldSelector }),
    }
    const { allowed, reason } = await authorizer.authorize(attributes)
    if (!allowed) throw accessDenied(attributes, reason)
  }
  return {
    async call(call) {
      await require(call.verb, call)
      return transport.call(call)
    },
    async watch(call, onEvents) {
      await require('watch', call)
      return transport.watch(call, onEvents)
    },
  }
}
