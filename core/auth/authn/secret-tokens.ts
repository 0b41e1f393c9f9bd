import { createHash, timingSafeEqual } from 'node:crypto'
import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import { unauthorized } from '../../api/status.ts'
import { rfc3339, type Clock } from '../../util/clock.ts'
import { secretTokenIssuer, type SecretTokenClaims } from '../secret-tokens.ts'
import type { ServiceAccountKey } from '../service-account-key.ts'
import type { TokenAuthenticator } from './authenticator.ts'
import type { TokenObserver } from './token-observer.ts'

const cacheSize = 1024
const invalidSince = 'kubernetes.io/legacy-token-invalid-since'
/** On the Secret: the day (UTC) on which its token was last used. */
const lastUsed = 'kubernetes.io/legacy-token-last-used'
const dayMs = 24 * 3600 * 1000

/** What such a token is checked against; undefined when absent. */
export interface SecretTokenSource {
  secret(namespace: string, name: string): Promise<Secret | undefined>
  serviceAccount(namespace: string, name: string): Promise<ServiceAccount | undefined>
  /** Puts a label on the Secret. Never rejects: the token is good whether its use can be noted or not. */
  label(secret: Secret, key: string, value: string): Promise<void>
}

/**
 * Verifies the tokens in Secrets of type kubernetes.io/service-account-token: by signature, and at every use by the Secret,
 * which must still hold this very token, and by the ServiceAccount (upstream: pkg/serviceaccount/legacy.go).
 */
export function createSecretTokens(options: {
  key: ServiceAccountKey
  source: SecretTokenSource
  clock: Clock
  observer?: TokenObserver | undefined
}): TokenAuthenticator {
  const verified = new LRUCache<string, SecretTokenClaims>({ max: cacheSize })
  const { source, clock } = options

  async function verify(token: string): Promise<SecretTokenClaims | undefined> {
    const id = createHash('sha256').update(token).digest('base64')
    const known = verified.get(id)
    if (known || !isOurs(token)) return known
    try {
      const rules = { issuer: secretTokenIssuer, algorithms: ['ES256'] }
      const { payload } = await jwtVerify(token, options.key.publicKey, rules)
      const claims = readClaims(payload)
      if (claims) verified.set(id, claims)
      return claims
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  async function noteUse(secret: Secret): Promise<void> {
    const day = (at: number): string => rfc3339(at).slice(0, 10)
    const noted = secret.metadata.labels?.[lastUsed]
    // Another server's clock may be ahead of midnight already.
    if (noted === day(clock.now()) || noted === day(clock.now() + dayMs)) return
    await source.label(secret, lastUsed, day(clock.now()))
  }

  return {
    async authenticateToken(token) {
      const claims = await verify(token)
      if (!claims) return undefined
      const namespace = claims['kubernetes.io/serviceaccount/namespace']
      const name = claims['kubernetes.io/serviceaccount/service-account.name']
      const uid = claims['kubernetes.io/serviceaccount/service-account.uid']
      const secret = await source.secret(namespace, claims['kubernetes.io/serviceaccount/secret.name'])
      if (!secret || !holds(secret, token)) throw unauthorized()
      const account = await source.serviceAccount(namespace, name)
      if (account?.metadata.uid !== uid || account.metadata.deletionTimestamp) throw unauthorized()
      if (secret.metadata.labels?.[invalidSince]) {
        options.observer?.invalidated()
        await noteUse(secret)
        throw unauthorized()
      }
      await noteUse(secret)
      options.observer?.legacy(account.secrets?.some((one) => one.name === secret.metadata.name) ?? false)
      return {
        name: `system:serviceaccount:${namespace}:${name}`,
        uid,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
      }
    },
  }
}

function isOurs(token: string): boolean {
  try {
    return decodeJwt(token).iss === secretTokenIssuer
  } catch {
    // Not a JWT at all: another authenticator's token.
    return false
  }
}

function readClaims(payload: JWTPayload): SecretTokenClaims | undefined {
  const claims = payload as JWTPayload & SecretTokenClaims
  const namespace = claims['kubernetes.io/serviceaccount/namespace']
  const name = claims['kubernetes.io/serviceaccount/service-account.name']
  const isWhole = [
    namespace,
    name,
    claims['kubernetes.io/serviceaccount/service-account.uid'],
    claims['kubernetes.io/serviceaccount/secret.name'],
  ].every((claim: unknown) => typeof claim === 'string' && claim !== '')
  return isWhole && payload.sub === `system:serviceaccount:${namespace}:${name}` ? claims : undefined
}

/** Whether the Secret stands, and its token is this one. */
function holds({ metadata, data }: Secret, token: string): boolean {
  if (metadata.deletionTimestamp) return false
  const [kept, given] = [Buffer.from(data?.['token'] ?? '', 'base64'), Buffer.from(token)]
  return kept.length === given.length && timingSafeEqual(kept, given)
}
