import type { AdmissionAttributes } from '../../api/request.ts'
import type { Authorizer } from './authorizer.ts'

/**
 * Whether the maker of a request holds a verb such as `approve` on a signer by its name, or on all of its domain as
 * `example.com/*` (upstream: pkg/apis/certificates/authorization IsAuthorizedForSignerName).
 */
export function createSignerAccess(
  authorizer: Authorizer,
): (attributes: AdmissionAttributes, verb: string, signer: string) => Promise<boolean> {
  return async ({ context }, verb, signer) => {
    const domain = signer.split('/')[0] ?? ''
    for (const name of [signer, `${domain}/*`]) {
      const { allowed } = await authorizer.authorize({
        user: context.user,
        verb,
        isResourceRequest: true,
        path: '',
        apiGroup: 'certificates.k8s.io',
        apiVersion: '*',
        namespace: '',
        resource: 'signers',
        subresource: '',
        name,
      })
      if (allowed) return true
    }
    return false
  }
}
