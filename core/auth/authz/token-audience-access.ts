import type { AdmissionAttributes } from '../../api/request.ts'
import type { Authorizer } from './authorizer.ts'

/**
 * Whether the maker of a request for a ServiceAccount's token may have it for an audience, which is the resource of this
 * verb (upstream: plugin/pkg/admission/noderestriction, ServiceAccountNodeAudienceRestriction).
 */
export function createTokenAudienceAccess(
  authorizer: Authorizer,
): (attributes: AdmissionAttributes, audience: string) => Promise<boolean> {
  return async ({ context, namespace = '', name }, audience) => {
    const { allowed } = await authorizer.authorize({
      user: context.user,
      verb: 'request-serviceaccounts-token-audience',
      isResourceRequest: true,
      path: '',
      apiGroup: '',
      apiVersion: 'v1',
      namespace,
      resource: audience,
      subresource: '',
      name,
    })
    return allowed
  }
}
