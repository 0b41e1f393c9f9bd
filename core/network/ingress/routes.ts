import { RE2JS } from 're2js'
import type { HTTPIngressPath, Ingress, IngressBackend } from '../../api/generated/networking-v1.ts'
import { ingressSettings, type IngressSettings } from '../../api/ingress-annotations.ts'
import { createGate, type Gate } from './gate.ts'

/** Where requests of a host and path go. */
interface Route {
  host: string | undefined
  path: string
  kind: 'Exact' | 'Prefix' | 'Regex' | 'Default'
  pattern: RE2JS | undefined
  ingress: Ingress
  settings: IngressSettings
  gate: Gate
  backend: IngressBackend
}

export interface Matched {
  ingress: Ingress
  backend: IngressBackend
  /** The path and query that the backend is asked for. */
  url: string
  /** Whether a request by plain HTTP is led to HTTPS. */
  redirects: boolean
  settings: IngressSettings
  /** Who may come in. */
  gate: Gate
}

/** The rules of all Ingresses that are served, in order of precedence. */
export interface RouteTable {
  match(host: string, url: string): Matched | undefined
}

/**
 * Orders the rules as the API documents it (networking.k8s.io/v1, HTTPIngressPath): a host matches exactly, else by its wildcard,
 * else rules without a host do; of these the longest path counts, and of equal ones an exact before a prefix; a default backend takes
 * what is left. Between Ingresses that say the same, the older one counts. A path that is no valid expression matches nothing.
 */
export function createRouteTable(ingresses: Iterable<Ingress>): RouteTable {
  const routes = [...ingresses].sort(byAge).flatMap(routesOf).sort(byPrecedence)
  return {
    match(hostHeader, url) {
      const host = hostHeader.replace(/:\d+$/, '').toLowerCase()
      const [path = '/', query] = splitUrl(url)
      const route = routes.find((one) => hostMatches(one.host, host) && pathMatches(one, path))
      if (!route) return undefined
      const { ingress, backend, settings, gate } = route
      const rewritten = rewrite(route, path)
      return {
        ingress,
        backend,
        settings,
        gate,
        url: query === undefined ? rewritten : `${rewritten}?${query}`,
        redirects:
          settings.sslRedirect === 'always' || (settings.sslRedirect === 'with-tls' && hasTls(ingress, host)),
      }
    },
  }
}

/** Whether an Ingress sets TLS up for a host. */
export function hasTls({ spec }: Ingress, host: string): boolean {
  return (spec.tls ?? []).some(({ hosts = [] }) => hosts.some((one) => hostMatches(one, host)))
}

/** Whether a host of a rule, which may be a wildcard for one label, means this host. */
export function hostMatches(rule: string | undefined, host: string): boolean {
  if (rule === undefined || rule === '') return true
  const wanted = rule.toLowerCase()
  if (!wanted.startsWith('*.')) return wanted === host
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot) === wanted.slice(1)
}

function routesOf(ingress: Ingress): Route[] {
  const settings = ingressSettings(ingress)
  const gate = createGate(settings)
  const { rules = [], defaultBackend } = ingress.spec
  const routes = rules.flatMap(({ host, http }): Route[] => {
    const common = { host: host || undefined, ingress, settings, gate }
    if (!http) {
      return defaultBackend
        ? [{ ...common, path: '/', kind: 'Prefix', pattern: undefined, backend: defaultBackend }]
        : []
    }
    return http.paths.flatMap((path) => {
      const matcher = matcherOf(path, settings)
      return matcher ? [{ ...common, ...matcher, backend: path.backend }] : []
    })
  })
  if (defaultBackend) {
    const common = { host: undefined, path: '', pattern: undefined, ingress, settings, gate }
    routes.push({ ...common, kind: 'Default', backend: defaultBackend })
  }
  return routes
}

function matcherOf(
  { path = '/', pathType }: HTTPIngressPath,
  { usesRegex }: IngressSettings,
): Pick<Route, 'path' | 'kind' | 'pattern'> | undefined {
  if (pathType === 'Exact' || pathType === 'Prefix' || !usesRegex) {
    const kind = pathType === 'Exact' ? 'Exact' : 'Prefix'
    // ingress-nginx takes the prefixes of an Ingress with use-regex for expressions too.
    if (kind === 'Exact' || !usesRegex) return { path, kind, pattern: undefined }
  }
  try {
    return { path, kind: 'Regex', pattern: RE2JS.compile(`^${path}`, RE2JS.CASE_INSENSITIVE) }
  } catch {
    return undefined
  }
}

function pathMatches({ kind, path, pattern }: Route, asked: string): boolean {
  if (kind === 'Default') return true
  if (kind === 'Exact') return asked === path
  if (pattern) return pattern.matcher(asked).find()
  const prefix = path.replace(/\/+$/, '')
  return asked === prefix || asked.startsWith(`${prefix}/`)
}

function rewrite({ settings, pattern, kind }: Route, asked: string): string {
  const target = settings.rewriteTarget
  if (target === undefined || kind === 'Default') return asked
  const matcher = pattern?.matcher(asked)
  const found = matcher?.find() === true
  const groups = found && matcher ? matcher.groupCount() : 0
  const path = target.replace(/\$(\d)/g, (_, digit: string) =>
    matcher && Number(digit) <= groups ? (matcher.group(Number(digit)) ?? '') : '',
  )
  return path.startsWith('/') ? path : `/${path}`
}

function byPrecedence(a: Route, b: Route): number {
  return (
    Number(a.kind === 'Default') - Number(b.kind === 'Default') ||
    hostRank(a) - hostRank(b) ||
    b.path.length - a.path.length ||
    Number(b.kind === 'Exact') - Number(a.kind === 'Exact')
  )
}

function hostRank({ host }: Route): number {
  if (host === undefined) return 2
  return host.startsWith('*.') ? 1 : 0
}

function byAge({ metadata: a }: Ingress, { metadata: b }: Ingress): number {
  const [left, right] = [a, b].map(
    ({ creationTimestamp = '', namespace = '', name }) => `${creationTimestamp} ${namespace}/${name}`,
  )
  return left! < right! ? -1 : 1
}

function splitUrl(url: string): [string, string | undefined] {
  const at = url.indexOf('?')
  return at < 0 ? [url, undefined] : [url.slice(0, at), url.slice(at + 1)]
}
