import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { rfc3339, type Clock } from '../util/clock.ts'
import type { ServiceAccountKey } from './service-account-key.ts'

/** The issuer of ServiceAccount tokens, and their audience when none is asked for. */
const defaultIssuer = 'https://kubernetes.default.svc.cluster.local'

/** An object a token is bound to: the token dies with it. */
export interface BoundObject {
  name: string
  uid: string
}

/** A node; without a uid where the pod that is bound was on one that is gone. */
type NodeClaim = Pick<BoundObject, 'name'> & Partial<BoundObject>

export interface TokenInput {
  namespace: string
  serviceAccount: BoundObject
  pod?: BoundObject
  secret?: BoundObject
  /** The node of the bound pod, or the node itself. */
  node?: NodeClaim
  /** Empty or absent: the API server's own. */
  audiences?: string[]
  expirationSeconds: number
  /** The token stays valid until then though it says to expire earlier; its user is to be warned from then on. */
  extendedSeconds?: number
}

interface IssuedToken {
  /** Its `jti`. */
  id: string
  token: string
  /** RFC 3339. */
  expirationTimestamp: string
}

/** Signs ServiceAccount tokens. */
export interface TokenIssuer {
  readonly issuer: string
  readonly audiences: string[]
  issue(input: TokenInput): Promise<IssuedToken>
}

/** The private claims under `kubernetes.io` (upstream: pkg/serviceaccount/claims.go). */
export interface KubernetesClaims {
  namespace: string
  serviceaccount: BoundObject
  pod?: BoundObject
  secret?: BoundObject
  node?: NodeClaim
  /** Seconds since the epoch from which on the token should have been replaced. */
  warnafter?: number
}

/** Issues ES256 tokens with upstream's claims: iss, sub, aud, iat, nbf, exp, jti and `kubernetes.io`. */
export function createTokenIssuer(options: {
  key: ServiceAccountKey
  clock: Clock
  issuer?: string
  audiences?: string[]
}): TokenIssuer {
  const { key, clock, issuer = defaultIssuer } = options
  const audiences = options.audiences ?? [issuer]
  return {
    issuer,
    audiences,
    async issue(input) {
      const now = Math.floor(clock.now() / 1000)
      const expires = now + input.expirationSeconds
      const claims: KubernetesClaims = { namespace: input.namespace, serviceaccount: input.serviceAccount }
      if (input.pod) claims.pod = input.pod
      if (input.secret) claims.secret = input.secret
      if (input.node) claims.node = input.node
      if (input.extendedSeconds !== undefined) claims.warnafter = expires
      const id = randomUUID()
      const token = await new SignJWT({ 'kubernetes.io': claims })
        .setProtectedHeader({ alg: 'ES256', kid: key.keyId })
        .setIssuer(issuer)
        .setSubject(`system:serviceaccount:${input.namespace}:${input.serviceAccount.name}`)
        .setAudience(input.audiences?.length ? input.audiences : audiences)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + (input.extendedSeconds ?? input.expirationSeconds))
        .setJti(id)
        .sign(key.privateKey)
      return { id, token, expirationTimestamp: rfc3339(expires * 1000) }
    },
  }
}
