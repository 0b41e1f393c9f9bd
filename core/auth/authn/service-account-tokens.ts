import { createHash } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import type { KubeObject } from '../../api/meta.ts'
import type { UserInfo } from '../../api/request.ts'
import { unauthorized } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { ServiceAccountKey } from '../service-account-key.ts'
import type { BoundObject, KubernetesClaims } from '../tokens.ts'
import type { TokenAuthenticator } from './authenticator.ts'
import type { TokenObserver } from './token-observer.ts'

/** Reads the objects a token is bound to; undefined when absent. `namespace` is undefined for nodes. */
export type BoundObjectReader = (
  resource: 'serviceaccounts' | 'pods' | 'secrets' | 'nodes',
  namespace: string | undefined,
  name: string,
) => Promise<KubeObject | undefined>

/** A token outlives the start of its bound object's deletion by this long (upstream: pkg/serviceaccount/claims.go). */
const deletionGraceMs = 60_000
const cacheSize = 4096

interface Verified {
  payload: JWTPayload
  claims: KubernetesClaims
}

/**
 * Verifies ServiceAccount JWTs: signature, issuer, audience, times, and that the account and the bound pod, secret or
 * node still exist with the same uid (checked at every use; only the signature check is remembered).
 */
export function createServiceAccountTokens(options: {
  key: ServiceAccountKey
  issuer: string
  audiences: string[]
  clock: Clock
  observer?: TokenObserver | undefined
  read: BoundObjectReader
}): TokenAuthenticator {
  const verified = new LRUCache<string, Verified>({ max: cacheSize })
  const { clock } = options

  async function verify(token: string): Promise<Verified | 'foreign' | undefined> {
    const id = createHash('sha256').update(token).digest('base64')
    const known = verified.get(id)
    if (known) return (known.payload.exp ?? 0) * 1000 > clock.now() ? known : undefined
    try {
      // The key also signs the tokens in Secrets, which are another authenticator's.
      if (decodeJwt(token).iss !== options.issuer) return 'foreign'
      const { payload } = await jwtVerify(token, options.key.publicKey, {
        issuer: options.issuer,
        algorithms: ['ES256'],
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(clock.now()),
      })
      const claims = readClaims(payload)
      if (!claims) return undefined
      const result = { payload, claims }
      verified.set(id, result)
      return result
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  async function authenticateFor(
    token: string,
    wanted: string[],
  ): Promise<{ user: UserInfo; audiences: string[] } | undefined> {
    if (!isOurs(token, options.key.keyId)) return undefined
    const result = await verify(token)
    if (result === 'foreign') return undefined
    if (!result) throw unauthorized()
    const made = [result.payload.aud ?? []].flat()
    const audiences = wanted.filter((audience) => made.includes(audience))
    if (audiences.length === 0) throw unauthorized()
    await checkBindings(result.claims, options)
    const { warnafter } = result.claims
    if (warnafter) options.observer?.bound(clock.now() > warnafter * 1000)
    return { user: userOf(result), audiences }
  }

  return {
    authenticateFor,
    async authenticateToken(token) {
      return (await authenticateFor(token, options.audiences))?.user
    },
  }
}

function isOurs(token: string, keyId: string): boolean {
  if (token.split('.').length !== 3) return false
  try {
    return decodeProtectedHeader(token).kid === keyId
  } catch {
    // Not a JWT at all: another authenticator's token.
    return false
  }
}

function isBoundObject(value: unknown): value is BoundObject {
  const object = value as BoundObject | undefined
  return typeof object?.name === 'string' && typeof object.uid === 'string'
}

function readClaims(payload: JWTPayload): KubernetesClaims | undefined {
  const claims = payload['kubernetes.io'] as KubernetesClaims | undefined
  if (typeof claims?.namespace !== 'string' || !isBoundObject(claims.serviceaccount)) return undefined
  const subject = `system:serviceaccount:${claims.namespace}:${claims.serviceaccount.name}`
  return payload.sub === subject ? claims : undefined
}

async function checkBindings(
  claims: KubernetesClaims,
  options: { read: BoundObjectReader; clock: Clock },
): Promise<void> {
  const { namespace } = claims
  type Bound = { name: string; uid?: string }
  const bindings: Array<[Parameters<BoundObjectReader>[0], string | undefined, Bound | undefined]> = [
    ['serviceaccounts', namespace, claims.serviceaccount],
    ['pods', namespace, claims.pod],
    ['secrets', namespace, claims.secret],
    // A pod's token names its node only as a fact about the pod.
    ['nodes', undefined, claims.pod ? undefined : claims.node],
  ]
  for (const [resource, boundNamespace, bound] of bindings) {
    if (!bound) continue
    const object = await options.read(resource, boundNamespace, bound.name)
    if (!object || object.metadata.uid !== bound.uid) throw unauthorized()
    const deleted = object.metadata.deletionTimestamp
    if (deleted && options.clock.now() > Date.parse(deleted) + deletionGraceMs) throw unauthorized()
  }
}

function userOf({ payload, claims }: Verified): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims
  const extra: Record<string, string[]> = {}
  if (payload.jti) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${payload.jti}`]
  if (pod) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name]
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid]
  }
  if (node) {
    extra['authentication.kubernetes.io/node-name'] = [node.name]
    if (node.uid) extra['authentication.kubernetes.io/node-uid'] = [node.uid]
  }
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra,
  }
}
