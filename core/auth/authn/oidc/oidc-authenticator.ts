import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose'
import type { UserInfo } from '../../../api/request.ts'
import { unauthorized } from '../../../api/status.ts'
import type { Clock } from '../../../util/clock.ts'
import type { Logger } from '../../../util/logger.ts'
import type { TokenAuthenticator } from '../authenticator.ts'
import { createIssuerFetch, type IssuerFetch } from './issuer-fetch.ts'
import { usernamePrefixOf, type OidcOptions } from './oidc-options.ts'

/** Keys are fetched anew for a token with an unknown key id, but not more often than this. */
const keyCooldownMs = 1_000
const keyMaxAgeMs = 10 * 60_000

type KeySource = ReturnType<typeof createRemoteJWKSet>

/**
 * Judges ID tokens of one issuer (upstream: apiserver/plugin/pkg/authenticator/token/oidc). The issuer is asked for its
 * discovery document at the first token, and again at a later one while it does not answer; its keys are remembered, and
 * fetched anew when a token names one that is not among them. Refusals are logged with their reason, never with the token.
 */
export function createOidcAuthenticator(options: {
  oidc: OidcOptions
  clock: Clock
  log: Logger
}): TokenAuthenticator {
  const { oidc, clock, log } = options
  const fetchIssuer = createIssuerFetch(oidc.ca)
  let keys: Promise<KeySource> | undefined

  function keySource(): Promise<KeySource> {
    keys ??= discoverKeys(oidc.issuerUrl, fetchIssuer).catch((error: unknown) => {
      keys = undefined
      throw error
    })
    return keys
  }

  return {
    async authenticateToken(token) {
      if (issuerOf(token) !== oidc.issuerUrl) return undefined
      try {
        const { payload } = await jwtVerify(token, await keySource(), {
          issuer: oidc.issuerUrl,
          audience: oidc.clientId,
          algorithms: oidc.signingAlgorithms,
          requiredClaims: ['exp'],
          currentDate: new Date(clock.now()),
        })
        return userOf(payload, oidc)
      } catch (error) {
        const reason = error instanceof errors.JOSEError ? `${error.code}: ${error.message}` : String(error)
        log.warn('an OIDC token was refused', {
          issuer: oidc.issuerUrl,
          reason: reason.replaceAll(token, '…'),
        })
        throw unauthorized()
      }
    },
  }
}

/** The claimed issuer; undefined for what is no JWT. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    // Another authenticator's token.
    return undefined
  }
}

async function discoverKeys(issuer: string, fetchIssuer: IssuerFetch): Promise<KeySource> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetchIssuer(url, { method: 'GET' })
  if (response.status !== 200) throw new Error(`oidc: ${url} answered ${response.status}`)
  const document = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown }
  if (document.issuer !== issuer) {
    throw new Error(
      `oidc: issuer did not match: expected ${JSON.stringify(issuer)} got ${JSON.stringify(document.issuer)}`,
    )
  }
  if (typeof document.jwks_uri !== 'string') throw new Error('oidc: the discovery document names no jwks_uri')
  return createRemoteJWKSet(new URL(document.jwks_uri), {
    cooldownDuration: keyCooldownMs,
    cacheMaxAge: keyMaxAgeMs,
    [customFetch]: fetchIssuer,
  })
}

/** Throws an Error with the reason when the claims make no user. */
function userOf(claims: JWTPayload, oidc: OidcOptions): UserInfo {
  const name = claims[oidc.usernameClaim]
  if (typeof name !== 'string')
    throw new Error(`oidc: parse username claims "${oidc.usernameClaim}": claim not present`)
  // A mail address that nobody has checked could be anybody's.
  if (oidc.usernameClaim === 'email' && 'email_verified' in claims && claims['email_verified'] !== true) {
    throw new Error('oidc: email not verified')
  }
  for (const [claim, expected] of Object.entries(oidc.requiredClaims)) {
    if (!(claim in claims)) throw new Error(`oidc: required claim ${claim} not present in ID token`)
    if (claims[claim] !== expected) throw new Error(`oidc: required claim ${claim} value does not match`)
  }
  return { name: usernamePrefixOf(oidc) + name, groups: groupsOf(claims, oidc) }
}

function groupsOf(claims: JWTPayload, { groupsClaim, groupsPrefix }: OidcOptions): string[] {
  const value = groupsClaim === undefined ? undefined : claims[groupsClaim]
  if (value === undefined || value === null) return []
  const groups: unknown[] = [value].flat()
  return groups.map((group) => {
    if (typeof group !== 'string')
      throw new Error(`oidc: parse groups claim "${groupsClaim}": it must be a text or a list of texts`)
    return groupsPrefix + group
  })
}
