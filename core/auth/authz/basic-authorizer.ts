import { authenticatedGroup } from '../authn/authenticator.ts'
import type { AuthorizationAttributes, Authorizer } from './authorizer.ts'

const mastersGroup = 'system:masters'

/** What anyone may read without credentials (upstream: the system:public-info-viewer role). */
const publicPaths = new Set(['/healthz', '/livez', '/readyz', '/version'])
const publicPrefixes = ['/healthz/', '/livez/', '/readyz/', '/version/']

function isPublic({ isResourceRequest, path, verb }: AuthorizationAttributes): boolean {
  if (isResourceRequest || (verb !== 'get' && verb !== 'head')) return false
  return publicPaths.has(path) || publicPrefixes.some((prefix) => path.startsWith(prefix))
}

/**
 * Access for a cluster with one owner: every authenticated user and service account may do everything, except that
 * only system:masters may impersonate; anonymous requests see health and version only. Role objects are not looked at.
 */
export function createBasicAuthorizer(): Authorizer {
  return {
    authorize(attributes) {
      const { groups } = attributes.user
      if (groups.includes(mastersGroup)) return { allowed: true }
      if (attributes.verb === 'impersonate') return { allowed: false }
      return { allowed: groups.includes(authenticatedGroup) || isPublic(attributes) }
    },
  }
}
