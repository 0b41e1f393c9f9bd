/** What a name in the cluster's zone asks for (shape: Kubernetes DNS specification 1.1). */
export type ClusterName =
  | { kind: 'apex' }
  | { kind: 'namespace'; namespace: string }
  | { kind: 'service'; namespace: string; service: string; endpoint?: string; port?: ServicePortName }
  | { kind: 'pod'; ip: string }
  | { kind: 'version' }
  | { kind: 'unknown' }

/** The `_http._tcp` part of a name. */
export interface ServicePortName {
  name: string
  protocol: string
}

/** Takes apart a lower-case name below `domain`; undefined for a name outside of it. */
export function parseClusterName(name: string, domain: string): ClusterName | undefined {
  if (name === domain) return { kind: 'apex' }
  if (!name.endsWith(`.${domain}`)) return undefined
  const labels = name
    .slice(0, -domain.length - 1)
    .split('.')
    .reverse()
  const [type, namespace, ...rest] = labels
  if (type === 'dns-version' && namespace === undefined) return { kind: 'version' }
  if (type === 'svc') return parseServiceName(namespace, rest)
  if (type === 'pod') return parsePodName(namespace, rest)
  return { kind: 'unknown' }
}

function parseServiceName(namespace: string | undefined, rest: string[]): ClusterName {
  if (namespace === undefined) return { kind: 'apex' }
  const [service, first, second, ...more] = rest
  if (service === undefined) return { kind: 'namespace', namespace }
  if (more.length > 0) return { kind: 'unknown' }
  if (first === undefined) return { kind: 'service', namespace, service }
  if (second === undefined) {
    return first.startsWith('_')
      ? { kind: 'unknown' }
      : { kind: 'service', namespace, service, endpoint: first }
  }
  if (!first.startsWith('_') || !second.startsWith('_')) return { kind: 'unknown' }
  const port = { name: second.slice(1), protocol: first.slice(1) }
  return { kind: 'service', namespace, service, port }
}

function parsePodName(namespace: string | undefined, rest: string[]): ClusterName {
  if (namespace === undefined) return { kind: 'apex' }
  const [dashed, ...more] = rest
  if (dashed === undefined) return { kind: 'namespace', namespace }
  const ip = dashed.replaceAll('-', '.')
  return more.length === 0 && isIpv4(ip) ? { kind: 'pod', ip } : { kind: 'unknown' }
}

/** The address a reverse name asks about, `4.3.2.1.in-addr.arpa` → `1.2.3.4`; undefined for any other name. */
export function parseReverseName(name: string): string | undefined {
  const suffix = '.in-addr.arpa'
  if (!name.endsWith(suffix)) return undefined
  const ip = name.slice(0, -suffix.length).split('.').reverse().join('.')
  return isIpv4(ip) ? ip : undefined
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)
}
