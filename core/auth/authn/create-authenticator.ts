import type { UserInfo } from '../../api/request.ts'
import { unauthorized } from '../../api/status.ts'
import {
  authenticatedGroup,
  type Authenticator,
  type Credentials,
  type PresentedCertificate,
  type TokenAuthenticator,
} from './authenticator.ts'

/**
 * Client certificates first, then bearer tokens by each token authenticator in turn (upstream's union order). The first
 * that knows the user wins; `system:authenticated` is added.
 */
export function createAuthenticator(options: { tokens: TokenAuthenticator[] }): Authenticator {
  const byCertificate = new WeakMap<PresentedCertificate, UserInfo>()
  return {
    async authenticate(credentials) {
      const { certificate } = credentials
      if (certificate?.verified) {
        const known = byCertificate.get(certificate)
        if (known) return known
        const user = certificateUser(certificate)
        byCertificate.set(certificate, user)
        return user
      }
      const token = bearerToken(credentials)
      if (token !== undefined) {
        for (const authenticator of options.tokens) {
          const user = await authenticator.authenticateToken(token)
          if (user) return withAuthenticated(user)
        }
      }
      if (certificate || token !== undefined || credentials.authorization) throw unauthorized()
      return undefined
    },
  }
}

/** Upstream: apiserver/pkg/authentication/request/x509 CommonNameUserConversion. */
function certificateUser(certificate: PresentedCertificate): UserInfo {
  const { commonName, organizations, sha256 } = certificate
  if (!commonName) throw unauthorized()
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${sha256}`] }
  return withAuthenticated({ name: commonName, groups: organizations, extra })
}

function withAuthenticated(user: UserInfo): UserInfo {
  if (user.groups.includes(authenticatedGroup)) return user
  return { ...user, groups: [...user.groups, authenticatedGroup] }
}

function bearerToken(credentials: Credentials): string | undefined {
  const match = /^bearer +(\S+) *$/i.exec(credentials.authorization ?? '')
  return match?.[1] ?? credentials.bearerToken
}
