import type { Pod } from '../api/generated/core-v1.ts'
import { isLoopbackAddress } from '../api/loopback.ts'

/** What a resolv.conf says. */
export interface ResolverConfig {
  nameservers: string[]
  searches: string[]
  /** `ndots:5`, `edns0` … */
  options: string[]
}

/** Reads resolv.conf(5). Of several `search` lines the last one counts. */
export function parseResolvConf(text: string): ResolverConfig {
  const config: ResolverConfig = { nameservers: [], searches: [], options: [] }
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'nameserver' && values[0]) config.nameservers.push(values[0])
    else if (keyword === 'search' || keyword === 'domain') config.searches = values
    else if (keyword === 'options') config.options.push(...values)
  }
  return config
}

/** Limits of the C library that upstream keeps (pkg/apis/core/validation: MaxDNSNameservers, MaxDNSSearchPaths …). */
const maxNameservers = 3
const maxSearches = 32

/**
 * resolv.conf for a pod by its dnsPolicy and dnsConfig (upstream: pkg/kubelet/network/dns/dns.go). With dnsPolicy Default a resolver of the
 * host that listens on its loopback cannot be reached from a pod; the cluster DNS stands in for it, which forwards to it.
 */
export function renderResolvConf(
  pod: Pod,
  context: { clusterDnsIp: string; clusterDomain: string; host: ResolverConfig },
): string {
  const base = byPolicy(pod, context)
  const extra = pod.spec?.dnsConfig
  const extraOptions = (extra?.options ?? []).map(({ name, value }) =>
    value === undefined || value === '' ? (name ?? '') : `${name}:${value}`,
  )
  const nameservers = unique([...base.nameservers, ...(extra?.nameservers ?? [])]).slice(0, maxNameservers)
  const searches = unique([...base.searches, ...(extra?.searches ?? [])]).slice(0, maxSearches)
  const lines = [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((nameserver) => `nameserver ${nameserver}`),
  ]
  const options = mergeOptions(base.options, extraOptions)
  if (options.length > 0) lines.push(`options ${options.join(' ')}`)
  return `${lines.join('\n')}\n`
}

function byPolicy(
  pod: Pod,
  context: { clusterDnsIp: string; clusterDomain: string; host: ResolverConfig },
): ResolverConfig {
  const { clusterDnsIp, clusterDomain: domain, host } = context
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { nameservers: [], searches: [], options: [] }
  if (policy === 'Default' || (policy === 'ClusterFirst' && pod.spec?.hostNetwork)) {
    const nameservers = host.nameservers.map((server) => (isLoopbackAddress(server) ? clusterDnsIp : server))
    return { ...host, nameservers: unique(nameservers.length > 0 ? nameservers : [clusterDnsIp]) }
  }
  return {
    nameservers: [clusterDnsIp],
    searches: [
      `${pod.metadata.namespace ?? 'default'}.svc.${domain}`,
      `svc.${domain}`,
      domain,
      ...host.searches,
    ],
    options: ['ndots:5'],
  }
}

function unique(values: string[]): string[] {
  return [...new Set(values)]
}

/** Later options replace earlier ones of the same name. */
function mergeOptions(...lists: string[][]): string[] {
  const byName = new Map<string, string>()
  for (const option of lists.flat()) byName.set(option.split(':')[0] ?? option, option)
  return [...byName.values()]
}
