import type { PodRules } from './pod-rules.ts'

/** The one table that is ours; Docker's own rules for its embedded DNS live in other tables and stay untouched. */
const table = 'ip wheelhouse'

/**
 * The whole ruleset of a pod as one nft transaction that replaces whatever the table held.
 *
 * A connection to a Service is found in the map `services` by address, protocol and port; the verdict leads to the chain for its number of
 * endpoints, which draws a number into the packet mark, and the map `endpoints` gives the address for it. So there is one chain per
 * number of endpoints, not per Service, and a change is a change of map elements only. What is still addressed to the Service range
 * after that has no endpoints, or no such port, and is refused, as kube-proxy does.
 */
export function renderRuleset(rules: PodRules, serviceRange: string): string {
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
    '  chain nat-output {',
    '    type nat hook output priority -100; policy accept;',
    '    ip daddr . meta l4proto . th dport vmap @services',
    '  }',
    '  chain refuse-output {',
    '    type filter hook output priority 0; policy accept;',
    `    ip daddr ${serviceRange} ct state new meta l4proto tcp reject with tcp reset`,
    `    ip daddr ${serviceRange} ct state new reject with icmp type port-unreachable`,
    '  }',
    '}',
    ...renderAdditions([...rules]),
    '',
  ].join('\n')
}

/** The change from one set of rules to another as one nft transaction; empty when there is none. */
export function renderChange(before: PodRules, after: PodRules): string {
  if (before === after) return ''
  const gone: string[] = []
  const goneSlots: string[] = []
  const added: Array<[string, readonly string[]]> = []
  for (const [key, endpoints] of before) {
    if (sameEndpoints(endpoints, after.get(key))) continue
    gone.push(element(key))
    endpoints.forEach((_, slot) => goneSlots.push(`${element(key)} . ${slot}`))
  }
  for (const [key, endpoints] of after) {
    if (!sameEndpoints(endpoints, before.get(key))) added.push([key, endpoints])
  }
  if (gone.length === 0 && added.length === 0) return ''
  return [
    ...(gone.length > 0
      ? [
          `delete element ${table} services { ${gone.join(', ')} }`,
          `delete element ${table} endpoints { ${goneSlots.join(', ')} }`,
        ]
      : []),
    ...renderAdditions(added),
    '',
  ].join('\n')
}

/** UDP endpoints that `after` no longer has, with the Service address that led to them. */
export function goneUdpEndpoints(
  before: PodRules,
  after: PodRules,
): Array<{ clusterIp: string; port: number; endpointIp: string }> {
  const gone = []
  for (const [key, endpoints] of before) {
    if (!key.endsWith('/udp')) continue
    const left = after.get(key)
    const { clusterIp, port } = parseKey(key)
    for (const endpoint of endpoints) {
      if (left?.includes(endpoint)) continue
      gone.push({ clusterIp, port: Number(port), endpointIp: endpoint.split(':')[0] ?? '' })
    }
  }
  return gone
}

function renderAdditions(added: Array<[string, readonly string[]]>): string[] {
  if (added.length === 0) return []
  const counts = [...new Set(added.map(([, endpoints]) => endpoints.length))].sort((a, b) => a - b)
  const services = added.map(([key, endpoints]) => `${element(key)} : goto lb-${endpoints.length}`)
  const slots = added.flatMap(([key, endpoints]) =>
    endpoints.map((endpoint, slot) => `${element(key)} . ${slot} : ${endpoint.replace(':', ' . ')}`),
  )
  return [
    ...counts.flatMap(renderBalancer),
    `add element ${table} endpoints { ${slots.join(', ')} }`,
    `add element ${table} services { ${services.join(', ')} }`,
  ]
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

function sameEndpoints(a: readonly string[], b: readonly string[] | undefined): boolean {
  return (
    a === b || (b !== undefined && a.length === b.length && a.every((endpoint, slot) => endpoint === b[slot]))
  )
}
