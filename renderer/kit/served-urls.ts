import type { LoadBalancerIngress, Service } from '../../core/api/generated/core-v1.ts'
import type { HTTPIngressPath, Ingress } from '../../core/api/generated/networking-v1.ts'
import { isLoopbackAddress } from '../../core/api/loopback.ts'

/** A path of an Ingress and where it is reached. */
export interface IngressRoute {
  /** Undefined: a default backend or a rule for all hosts. */
  host: string | undefined
  path: HTTPIngressPath
  /** What a browser can open; undefined while it is not served, and where the host's name leads elsewhere. */
  url: string | undefined
  /** How to ask for a host whose name does not lead to this machine. */
  curl: string | undefined
}

/** Addresses of a LoadBalancer Service that a browser can open: its TCP ports that are open. */
export function serviceUrls({ spec, status }: Service): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap((at) =>
    (spec.ports ?? []).flatMap(({ port, name, appProtocol, protocol = 'TCP' }) => {
      const address = at.ip ?? at.hostname
      if (address === undefined || protocol !== 'TCP' || errorOf(at, port)) return []
      const isSecure = port === 443 || name === 'https' || appProtocol?.toLowerCase() === 'https'
      return [urlOf(isSecure ? 'https' : 'http', address, port)]
    }),
  )
}

/** Every path of an Ingress, the default backend last, with where it is reached. */
export function ingressRoutes(ingress: Ingress): IngressRoute[] {
  const { rules = [], defaultBackend } = ingress.spec
  const routes = rules.flatMap(({ host, http }) =>
    (http?.paths ?? []).map((path) => routeOf(ingress, host || undefined, path)),
  )
  if (!defaultBackend) return routes
  return [...routes, routeOf(ingress, undefined, { backend: defaultBackend, pathType: 'Prefix', path: '/' })]
}

function routeOf(ingress: Ingress, host: string | undefined, path: HTTPIngressPath): IngressRoute {
  const [at] = ingress.status?.loadBalancer?.ingress ?? []
  const address = at?.ip ?? at?.hostname
  if (address === undefined) return { host, path, url: undefined, curl: undefined }
  const isSecure = (ingress.spec.tls ?? []).some(
    ({ hosts = [] }) => host !== undefined && hosts.includes(host),
  )
  const scheme = isSecure ? 'https' : 'http'
  const port = at?.ports?.[isSecure ? 1 : 0]?.port ?? (isSecure ? 443 : 80)
  // An expression is no address.
  const tail = /^[\w/.~-]*$/.test(path.path ?? '/') ? (path.path ?? '/') : '/'
  const isHere = isLoopbackAddress(address)
  const leadsHere = host === 'localhost' || host?.endsWith('.localhost') === true
  if (host === undefined) return { host, path, url: urlOf(scheme, address, port) + tail, curl: undefined }
  if (isHere && !leadsHere) {
    const resolve = isSecure ? `-k --resolve ${host}:${port}:${address}` : `-H 'Host: ${host}'`
    const asked = urlOf(scheme, isSecure ? host : address, port)
    return { host, path, url: undefined, curl: `curl ${resolve} ${asked}${tail}` }
  }
  const isName = !host.startsWith('*')
  return { host, path, url: isName ? urlOf(scheme, host, port) + tail : undefined, curl: undefined }
}

function errorOf({ ports }: LoadBalancerIngress, port: number): string | undefined {
  return ports?.find((one) => one.port === port)?.error
}

function urlOf(scheme: 'http' | 'https', host: string, port: number): string {
  const isUsual = port === (scheme === 'https' ? 443 : 80)
  return `${scheme}://${host}${isUsual ? '' : `:${port}`}`
}
