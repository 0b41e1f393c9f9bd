import type { UserInfo } from '../../api/request.ts'
import { StatusError } from '../../api/status.ts'
import { authenticatedGroup, type TokenAuthenticator } from './authenticator.ts'

/** Judges tokens on behalf of others (TokenReview). */
export interface TokenReviewer {
  /**
   * Whose token it is and for which of the wanted audiences; undefined when it is not valid, or for none of them. No
   * audiences means those of the API server.
   */
  review(token: string, audiences: string[]): Promise<{ user: UserInfo; audiences: string[] } | undefined>
}

/** A reviewer over token authenticators, in their order. `audiences` are the API server's own. */
export function createTokenReviewer(options: {
  tokens: TokenAuthenticator[]
  audiences: string[]
}): TokenReviewer {
  return {
    async review(token, wanted) {
      const audiences = wanted.length > 0 ? wanted : options.audiences
      for (const authenticator of options.tokens) {
        const found = await tryToken(authenticator, { token, audiences, own: options.audiences })
        if (!found) continue
        const { groups } = found.user
        if (groups.includes(authenticatedGroup)) return found
        return { ...found, user: { ...found.user, groups: [...groups, authenticatedGroup] } }
      }
      return undefined
    },
  }
}

async function tryToken(
  authenticator: TokenAuthenticator,
  asked: { token: string; audiences: string[]; own: string[] },
): Promise<{ user: UserInfo; audiences: string[] } | undefined> {
  const { token, audiences, own } = asked
  try {
    if (authenticator.authenticateFor) return await authenticator.authenticateFor(token, audiences)
    // A token without audiences is good for the API server only.
    const meant = audiences.filter((audience) => own.includes(audience))
    if (meant.length === 0) return undefined
    const user = await authenticator.authenticateToken(token)
    return user && { user, audiences: meant }
  } catch (error) {
    // A token that was recognised and refused is an answer here, not a failure.
    if (error instanceof StatusError && error.code === 401) return undefined
    throw error
  }
}
