import { createHash } from 'node:crypto'
import type { UserInfo } from '../../api/request.ts'
import type { TokenAuthenticator } from './authenticator.ts'

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

/**
 * Tokens fixed for this run, e.g. the gateway's. They are compared by hash, so that the time a look-up takes tells
 * nothing about them.
 */
export function createStaticTokens(users: Iterable<{ token: string; user: UserInfo }>): TokenAuthenticator {
  const byDigest = new Map([...users].map(({ token, user }) => [digest(token), user]))
  return {
    async authenticateToken(token) {
      return byDigest.get(digest(token))
    },
  }
}
