/** The type of Secrets that hold bootstrap tokens, and where alone they count. */
export const bootstrapTokenType = 'bootstrap.kubernetes.io/token'
export const bootstrapTokenNamespace = 'kube-system'
/** Such a Secret is called this and the token's id. */
export const bootstrapTokenPrefix = 'bootstrap-token-'

/** What is looked at of a Secret. */
interface TokenSecret {
  metadata: { name: string; namespace?: string; deletionTimestamp?: string }
  type?: string
  data?: Record<string, string>
}

/** The token in a Secret, `<id>.<secret>` on the wire. */
export interface BootstrapToken {
  id: string
  secret: string
}

function text({ data }: TokenSecret, key: string): string {
  return Buffer.from(data?.[key] ?? '', 'base64').toString()
}

function isBootstrapToken({ metadata, type }: TokenSecret): boolean {
  return type === bootstrapTokenType && metadata.namespace === bootstrapTokenNamespace
}

/**
 * The token of a Secret, when it is one that may be used now for the purpose (upstream: cluster-bootstrap/util/secrets).
 * `now` is in milliseconds since the epoch.
 */
export function usableBootstrapToken(
  object: TokenSecret,
  usage: 'authentication' | 'signing',
  now: number,
): BootstrapToken | undefined {
  if (!isBootstrapToken(object) || object.metadata.deletionTimestamp) return undefined
  const [id, secret] = [text(object, 'token-id'), text(object, 'token-secret')]
  if (!id || !secret || object.metadata.name !== bootstrapTokenPrefix + id) return undefined
  if (text(object, `usage-bootstrap-${usage}`) !== 'true') return undefined
  return (bootstrapTokenExpiry(object) ?? Infinity) > now ? { id, secret } : undefined
}

/**
 * When a bootstrap token ends, in milliseconds since the epoch; one whose expiration cannot be read has ended long ago.
 * Undefined for one without, and for other Secrets.
 */
export function bootstrapTokenExpiry(object: TokenSecret): number | undefined {
  if (!isBootstrapToken(object)) return undefined
  const expiration = text(object, 'expiration')
  if (expiration === '') return undefined
  const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(expiration)
  const at = isRfc3339 ? Date.parse(expiration) : 0
  return Number.isNaN(at) ? 0 : at
}

const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/

/** The groups of who logs in by the token, sorted; undefined when one that it names is not for bootstrap tokens. */
export function bootstrapTokenGroups(object: TokenSecret): string[] | undefined {
  const extra = text(object, 'auth-extra-groups')
  const groups = extra === '' ? [] : extra.split(',')
  if (!groups.every((group) => groupForm.test(group))) return undefined
  return [...new Set(['system:bootstrappers', ...groups])].toSorted()
}
