import type { Ingress } from './generated/networking-v1.ts'

/** The controller name of the built-in ingress controller, for IngressClasses. */
export const ingressController = 'wheelhouse.io/ingress'

const prefix = 'nginx.ingress.kubernetes.io/'
const understood = new Set([
  ...['rewrite-target', 'use-regex', 'ssl-redirect', 'force-ssl-redirect', 'backend-protocol'],
  ...['proxy-connect-timeout', 'proxy-send-timeout', 'proxy-read-timeout', 'proxy-body-size'],
  ...['whitelist-source-range', 'allowlist-source-range', 'denylist-source-range'],
  ...['enable-cors', 'cors-allow-origin', 'cors-allow-methods', 'cors-allow-headers'],
  ...['cors-allow-credentials', 'cors-expose-headers', 'cors-max-age'],
  ...['affinity', 'session-cookie-name', 'session-cookie-path', 'session-cookie-max-age'],
  ...['session-cookie-secure', 'session-cookie-samesite'],
  ...['auth-type', 'auth-secret', 'auth-secret-type', 'auth-realm'],
])

/** The protocols that endpoints may be spoken to by. */
export type BackendProtocol = 'HTTP' | 'HTTPS' | 'GRPC' | 'GRPCS'
const backendProtocols: readonly string[] = ['HTTP', 'HTTPS', 'GRPC', 'GRPCS']

/** What answers say to browsers that ask from other origins. */
export interface CorsSettings {
  /** `*`, or origins of which the first label may be a wildcard. */
  origins: string[]
  methods: string
  headers: string
  exposed: string | undefined
  credentials: boolean
  maxAgeSeconds: number
}

/** The cookie by which a caller stays at one endpoint. */
export interface CookieSettings {
  name: string
  /** What stands after the value, such as `Path=/`. */
  attributes: string[]
}

/** What an Ingress asks for by annotations of ingress-nginx, as far as they are understood here. */
export interface IngressSettings {
  /** The path that a matched request gets instead of its own, with `$1` for what a group of the path matched. */
  rewriteTarget: string | undefined
  /** Paths are regular expressions. */
  usesRegex: boolean
  /** Plain HTTP is led to HTTPS: always, where TLS is set up (default), or never. */
  sslRedirect: 'always' | 'with-tls' | 'never'
  backendProtocol: BackendProtocol
  /** How long a connection may take, and how long nothing may pass while a request is sent and while its answer comes. */
  timeouts: { connectMs: number; sendMs: number; readMs: number }
  /** Undefined: a request's body has no limit. */
  maxBodyBytes: number | undefined
  /** Networks, e.g. `10.0.0.0/8`; without any allowed one all are. */
  sources: { allowed: string[]; denied: string[] }
  cors: CorsSettings | undefined
  cookie: CookieSettings | undefined
  /** The Secret `namespace/name` with the users; `isMap`: its keys are their names, else its key `auth` is an htpasswd file. */
  basicAuth: { secret: string; isMap: boolean; realm: string } | undefined
  /** It asks for an authentication that is not served: better that nobody gets in than everybody. */
  isClosed: boolean
}

/** Reads the annotations that are understood, with ingress-nginx' defaults (docs/user-guide/nginx-configuration/annotations.md). */
export function ingressSettings({ metadata }: Ingress): IngressSettings {
  const read = (name: string): string | undefined => {
    const value = metadata.annotations?.[prefix + name]?.trim()
    return value && isFieldValue(value) ? value : undefined
  }
  const namespace = metadata.namespace ?? ''
  const withTls = read('ssl-redirect') === 'false' ? 'never' : 'with-tls'
  const rewriteTarget = read('rewrite-target')
  const protocol = read('backend-protocol')?.toUpperCase() ?? 'HTTP'
  return {
    rewriteTarget,
    // A target that takes groups means nothing without them.
    usesRegex: read('use-regex') === 'true' || /\$\d/.test(rewriteTarget ?? ''),
    sslRedirect: read('force-ssl-redirect') === 'true' ? 'always' : withTls,
    backendProtocol: backendProtocols.includes(protocol) ? (protocol as BackendProtocol) : 'HTTP',
    timeouts: {
      connectMs: 1000 * numberOf(read('proxy-connect-timeout'), 5),
      sendMs: 1000 * numberOf(read('proxy-send-timeout'), 60),
      readMs: 1000 * numberOf(read('proxy-read-timeout'), 60),
    },
    maxBodyBytes: (bytesOf(read('proxy-body-size')) ?? 2 ** 20) || undefined,
    sources: {
      allowed: listOf(read('allowlist-source-range') ?? read('whitelist-source-range')),
      denied: listOf(read('denylist-source-range')),
    },
    cors: read('enable-cors') === 'true' ? corsOf(read) : undefined,
    cookie: read('affinity') === 'cookie' ? cookieOf(read) : undefined,
    basicAuth: read('auth-type') === 'basic' ? basicAuthOf(read, namespace) : undefined,
    isClosed: ['auth-type', 'auth-secret', 'auth-url', 'auth-tls-secret'].some((name) => {
      const value = metadata.annotations?.[prefix + name]?.trim()
      return value && !(understood.has(name) && isUnderstood(name, value, namespace))
    }),
  }
}

/** Annotations of ingress-nginx that have no effect here, for their name or for their value. */
export function unknownAnnotations({ metadata }: Ingress): string[] {
  return Object.entries(metadata.annotations ?? {})
    .filter(([name, value]) => {
      if (!name.startsWith(prefix)) return false
      const key = name.slice(prefix.length)
      return !understood.has(key) || !isUnderstood(key, value.trim(), metadata.namespace ?? '')
    })
    .map(([name]) => name)
    .sort()
}

/** Whether a text can be the value of a header (RFC 9110, 5.5): many annotations end up in one. */
function isFieldValue(text: string): boolean {
  return /^[\t -~\u0080-\u00ff]*$/.test(text)
}

function isUnderstood(key: string, value: string, namespace: string): boolean {
  if (!isFieldValue(value)) return false
  if (key === 'backend-protocol') return backendProtocols.includes(value.toUpperCase())
  if (key === 'affinity') return value === 'cookie'
  if (key === 'auth-type') return value === 'basic'
  // Whoever may make an Ingress may not therefore use Secrets of other namespaces (allow-cross-namespace-resources: false).
  if (key === 'auth-secret') return !value.includes('/') || value.startsWith(`${namespace}/`)
  if (key.startsWith('proxy-') && key.endsWith('-timeout')) return /^[1-9]\d*$/.test(value)
  if (key === 'proxy-body-size') return bytesOf(value) !== undefined
  return true
}

type Read = (name: string) => string | undefined

function corsOf(read: Read): CorsSettings {
  return {
    origins: listOf(read('cors-allow-origin') ?? '*'),
    methods: read('cors-allow-methods') ?? 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
    headers:
      read('cors-allow-headers') ??
      'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
    exposed: read('cors-expose-headers'),
    credentials: read('cors-allow-credentials') !== 'false',
    maxAgeSeconds: numberOf(read('cors-max-age'), 1_728_000),
  }
}

function cookieOf(read: Read): CookieSettings {
  const maxAge = read('session-cookie-max-age')
  const sameSite = read('session-cookie-samesite')
  return {
    name: read('session-cookie-name') ?? 'INGRESSCOOKIE',
    attributes: [
      `Path=${read('session-cookie-path') ?? '/'}`,
      ...(maxAge ? [`Max-Age=${maxAge}`] : []),
      ...(read('session-cookie-secure') === 'true' ? ['Secure'] : []),
      ...(sameSite ? [`SameSite=${sameSite}`] : []),
      'HttpOnly',
    ],
  }
}

function basicAuthOf(read: Read, namespace: string): IngressSettings['basicAuth'] {
  const name = read('auth-secret') ?? ''
  return {
    secret: name.includes('/') ? name : `${namespace}/${name}`,
    isMap: read('auth-secret-type') === 'auth-map',
    realm: read('auth-realm') ?? 'Authentication Required',
  }
}

/** A positive whole number; `otherwise` where the text is none. */
function numberOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : otherwise
}

/** nginx' sizes: `8m`, `512k`, `1g`, bytes; undefined where the text is none. */
function bytesOf(text: string | undefined): number | undefined {
  const match = /^(\d+)([kmg]?)$/i.exec(text ?? '')
  if (!match) return undefined
  const units: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }
  return Number(match[1]) * (units[(match[2] ?? '').toLowerCase()] ?? 1)
}

function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
}
