import type { Backends, PodRules } from './pod-rules.ts'
import {
  affinityMaps,
  drawsOf,
  endpointMarks,
  rememberedOf,
  renderSticky,
  stickyChain,
} from './render-affinity.ts'

/** The one table that is ours; Docker's own rules for its embedded DNS live in other tables and stay untouched. */
const table = 'ip wheelhouse'

const loopbackLeaves = [
  '  chain nat-postrouting {',
  '    type nat hook postrouting priority 100; policy accept;',
  '    ip saddr 127.0.0.0/8 oifname != "lo" masquerade',
  '  }',
]

/**
 * The whole ruleset of a pod as one nft transaction that replaces whatever the table held.
 *
 * A connection to a Service is found in the map `services` by address, protocol and port; the verdict leads to the chain for its number of
 * endpoints, which draws a number into the packet mark, and the map `endpoints` gives the address for it. So there is one chain per
 * number of endpoints, not per Service, and a change is a change of map elements only. Services with client affinity lead to chains of
 * their own (render-affinity.ts). What is still addressed to a Service range
 * after that has no endpoints, or no such port, and is refused, as kube-proxy does. In the namespace of a node what was addressed to its
 * loopback leaves under its own address.
 */
export function renderRuleset(
  rules: PodRules,
  serviceRanges: readonly string[],
  { isForNode = false }: { isForNode?: boolean } = {},
): string {
  return [
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    '  map services {',
    '    type ipv4_addr . inet_proto . inet_service : verdict',
    '  }',
    '  map endpoints {',
    '    type ipv4_addr . inet_proto . inet_service . mark : ipv4_addr . inet_service',
    '  }',
    ...affinityMaps,
    '  chain nat-output {',
    '    type nat hook output priority -100; policy accept;',
    '    ip daddr . meta l4proto . th dport vmap @services',
    '  }',
    ...(isForNode ? loopbackLeaves : []),
    '  chain refuse-output {',
    '    type filter hook output priority 0; policy accept;',
    ...refusals(serviceRanges).map((rule) => `    ${rule}`),
    '  }',
    '}',
    ...renderAdditions([...rules]),
    '',
  ].join('\n')
}

/** The refusal of other ranges than before as an nft transaction. */
export function renderRanges(serviceRanges: readonly string[]): string {
  const chain = `${table} refuse-output`
  return [
    `flush chain ${chain}`,
    ...refusals(serviceRanges).map((rule) => `add rule ${chain} ${rule}`),
    '',
  ].join('\n')
}

function refusals(serviceRanges: readonly string[]): string[] {
  return serviceRanges.flatMap((range) => [
    `ip daddr ${range} ct state new meta l4proto tcp reject with tcp reset`,
    `ip daddr ${range} ct state new reject with icmp type port-unreachable`,
  ])
}

/** The change from one set of rules to another as one nft transaction; empty when there is none. */
export function renderChange(before: PodRules, after: PodRules): string {
  if (before === after) return ''
  const gone: Array<[string, Backends]> = []
  const added: Array<[string, Backends]> = []
  for (const [key, backends] of before) if (!same(backends, after.get(key))) gone.push([key, backends])
  for (const [key, backends] of after) if (!same(backends, before.get(key))) added.push([key, backends])
  if (gone.length === 0 && added.length === 0) return ''
  return [...renderDeletions(gone), ...renderAdditions(added), ''].join('\n')
}

/** UDP traffic whose connections are to be forgotten. */
export interface StaleFlow {
  clusterIp: string
  port: number
  /** Where it went: an endpoint, or the address itself where no rule led elsewhere. */
  endpointIp: string
}

/**
 * UDP traffic that what the kernel remembers of it would keep from where `after` leads: to endpoints that are gone, and to addresses
 * that had no endpoint. Those in a Service range refused it, but a node's or one from outside took it, and a sender that never pauses
 * would stay there (upstream: pkg/proxy/conntrack cleanup).
 */
export function staleUdpFlows(before: PodRules, after: PodRules): StaleFlow[] {
  const stale: StaleFlow[] = []
  for (const [key, { endpoints }] of udpOf(before)) {
    const left = after.get(key)?.endpoints
    for (const endpoint of endpoints) {
      if (left?.includes(endpoint)) continue
      stale.push({ ...target(key), endpointIp: endpoint.split(':')[0] ?? '' })
    }
  }
  for (const [key] of udpOf(after)) {
    const { clusterIp, port } = target(key)
    if (!before.has(key)) stale.push({ clusterIp, port, endpointIp: clusterIp })
  }
  return stale
}

function udpOf(rules: PodRules): Array<[string, Backends]> {
  return [...rules].filter(([key]) => key.endsWith('/udp'))
}

function target(key: string): { clusterIp: string; port: number } {
  const { clusterIp, port } = parseKey(key)
  return { clusterIp, port: Number(port) }
}

function renderDeletions(gone: Array<[string, Backends]>): string[] {
  return [
    ...elements(
      'delete',
      'services',
      gone.map(([key]) => element(key)),
    ),
    ...elements('delete', 'endpoints', gone.flatMap(endpointKeys)),
    ...elements('delete', 'remembered', sticky(gone).flatMap(endpointKeys)),
    ...elements(
      'delete',
      'draws',
      sticky(gone).flatMap(([key, { endpoints }]) => endpoints.map((_, slot) => `${element(key)} . ${slot}`)),
    ),
  ]
}

function renderAdditions(added: Array<[string, Backends]>): string[] {
  const plain = added.filter(([, backends]) => backends.affinitySeconds === 0)
  const counts = [...new Set(plain.map(([, { endpoints }]) => endpoints.length))].sort((a, b) => a - b)
  const stickyKinds = new Map(sticky(added).map(([, backends]) => [stickyChain(backends), backends]))
  return [
    ...counts.flatMap(renderBalancer),
    ...[...stickyKinds.values()].flatMap((backends) => renderSticky(table, backends)),
    ...elements(
      'add',
      'endpoints',
      added.flatMap(([key, backends]) => {
        const keys = endpointKeys([key, backends])
        return backends.endpoints.map((endpoint, slot) => `${keys[slot]} : ${endpoint.replace(':', ' . ')}`)
      }),
    ),
    ...elements(
      'add',
      'draws',
      sticky(added).flatMap(([key, backends]) => drawsOf(element(key), backends)),
    ),
    ...elements(
      'add',
      'remembered',
      sticky(added).flatMap(([key, backends]) => rememberedOf(element(key), backends)),
    ),
    ...elements(
      'add',
      'services',
      added.map(([key, backends]) => `${element(key)} : goto ${chainOf(backends)}`),
    ),
  ]
}

function elements(verb: 'add' | 'delete', map: string, list: string[]): string[] {
  return list.length === 0 ? [] : [`${verb} element ${table} ${map} { ${list.join(', ')} }`]
}

function sticky(all: Array<[string, Backends]>): Array<[string, Backends]> {
  return all.filter(([, { affinitySeconds }]) => affinitySeconds > 0)
}

function endpointKeys([key, backends]: [string, Backends]): string[] {
  return endpointMarks(backends).map((mark) => `${element(key)} . ${mark}`)
}

function chainOf(backends: Backends): string {
  return backends.affinitySeconds > 0 ? stickyChain(backends) : `lb-${backends.endpoints.length}`
}

/** Written anew whenever it is needed: that is cheap, and whether a pod has the chain already need not be known. */
function renderBalancer(count: number): string[] {
  const chain = `${table} lb-${count}`
  const draw = count === 1 ? '0' : `numgen random mod ${count}`
  return [
    `add chain ${chain}`,
    `flush chain ${chain}`,
    `add rule ${chain} meta mark set ${draw}`,
    `add rule ${chain} meta l4proto { tcp, udp } dnat to ip daddr . meta l4proto . th dport . meta mark map @endpoints`,
  ]
}

function parseKey(key: string): { clusterIp: string; port: string; protocol: string } {
  const [address = '', protocol = ''] = key.split('/')
  const [clusterIp = '', port = ''] = address.split(':')
  return { clusterIp, port, protocol }
}

function element(key: string): string {
  const { clusterIp, port, protocol } = parseKey(key)
  return `${clusterIp} . ${protocol} . ${port}`
}

function same(a: Backends, b: Backends | undefined): boolean {
  if (a === b) return true
  if (b === undefined || a.affinitySeconds !== b.affinitySeconds) return false
  return (
    a.endpoints.length === b.endpoints.length &&
    a.endpoints.every((endpoint, slot) => endpoint === b.endpoints[slot])
  )
}
