import type { HostTarget } from '../host-target.ts'
import type { AllowRule, PodPolicy, PortRange } from './compile-policy.ts'

/** A table of its own, so that neither it nor the Services' rules are ever replaced for the other's sake. */
const table = 'ip wheelhouse-policy'
const dnsPort = 53

export interface PolicySurroundings {
  /** The machine that the pods run on: traffic with it is always allowed, as upstream, so that probes work. */
  nodeAddresses: readonly string[]
  /** Where the cluster DNS really listens: on the node, yet it counts as a pod that listens on port 53. */
  dns: HostTarget | undefined
}

/** A policy as nft has it: the text of chains and sets, and the sets' elements apart, since these change often. */
export interface RenderedPolicy {
  text: string
  sets: ReadonlyMap<string, readonly string[]>
}

/** Connections to be dropped are those that no rule allows; what belongs to an allowed one passes (conntrack). */
export function renderPolicy(policy: PodPolicy, surroundings: PolicySurroundings): RenderedPolicy {
  const sets = new Map<string, readonly string[]>()
  const chains = [
    ...(policy.ingress ? renderChain('input', policy.ingress, sets, surroundings) : []),
    ...(policy.egress ? renderChain('output', policy.egress, sets, surroundings) : []),
  ]
  if (chains.length === 0) return { text: '', sets }
  const declared = [...sets.keys()].flatMap((name) => [`  set ${name} {`, '    type ipv4_addr', '  }'])
  return { text: [`table ${table} {`, ...declared, ...chains, '}'].join('\n'), sets }
}

/** The whole policy as one transaction that replaces whatever the table held. */
export function renderWholePolicy({ text, sets }: RenderedPolicy): string {
  const elements = [...sets].flatMap(([name, ips]) => elementLine('add', name, ips))
  return [`add table ${table}`, `delete table ${table}`, ...(text ? [text] : []), ...elements, ''].join('\n')
}

/** The change from one policy to another as one transaction; empty when there is none. */
export function renderPolicyChange(before: RenderedPolicy, after: RenderedPolicy): string {
  if (before.text !== after.text) return renderWholePolicy(after)
  const lines = [...after.sets].flatMap(([name, ips]) => {
    const old = new Set(before.sets.get(name))
    const now = new Set(ips)
    return [
      ...elementLine(
        'delete',
        name,
        [...old].filter((ip) => !now.has(ip)),
      ),
      ...elementLine(
        'add',
        name,
        ips.filter((ip) => !old.has(ip)),
      ),
    ]
  })
  return lines.length === 0 ? '' : [...lines, ''].join('\n')
}

function elementLine(verb: 'add' | 'delete', name: string, ips: readonly string[]): string[] {
  return ips.length === 0 ? [] : [`${verb} element ${table} ${name} { ${ips.join(', ')} }`]
}

/** After Services' address translation (-100) and refusals (0), so that policies see the real destination. */
function renderChain(
  side: 'input' | 'output',
  rules: readonly AllowRule[],
  sets: Map<string, readonly string[]>,
  { nodeAddresses, dns }: PolicySurroundings,
): string[] {
  const peer = side === 'input' ? 'ip saddr' : 'ip daddr'
  const lines = rules.flatMap((rule, at) => {
    const matches = peerMatches(rule, { peer, set: `${side}-${at}`, sets })
    return matches.flatMap((match) => portMatches(rule, side === 'output' ? dns : undefined, match))
  })
  const node = `{ ${nodeAddresses.join(', ')} }`
  const toDns =
    side === 'output' && dns ? [`ip daddr ${dns.ip} meta l4proto { tcp, udp } th dport ${dns.port} drop`] : []
  return [
    `  chain ${side} {`,
    `    type filter hook ${side} priority 10; policy accept;`,
    `    ${side === 'input' ? 'iif' : 'oif'} lo accept`,
    '    ct state established,related accept',
    ...lines.map((line) => `    ${line} accept`),
    ...toDns.map((line) => `    ${line}`),
    ...(nodeAddresses.length > 0 ? [`    ${peer} ${node} accept`] : []),
    '    drop',
    '  }',
  ]
}

function peerMatches(
  { peers }: AllowRule,
  names: { peer: string; set: string; sets: Map<string, readonly string[]> },
): string[] {
  if (peers === 'all') return ['']
  names.sets.set(names.set, peers.ips)
  const blocks = peers.blocks
    .filter(({ cidr }) => isIpv4(cidr))
    .map(({ cidr, except = [] }) => {
      const without = except.filter(isIpv4).map((inner) => `${names.peer} != ${inner} `)
      return `${names.peer} ${cidr} ${without.join('')}`
    })
  return [`${names.peer} @${names.set} `, ...blocks]
}

function portMatches({ ports }: AllowRule, dns: HostTarget | undefined, peer: string): string[] {
  if (ports === 'all') return [peer.trimEnd()]
  return ports.flatMap((range) => {
    const own = `${peer}${rangeMatch(range)}`
    if (!dns || !includesDns(range)) return [own]
    const protocol = range.protocol.toLowerCase()
    return [own, `${peer}ip daddr ${dns.ip} meta l4proto ${protocol} th dport ${dns.port}`]
  })
}

function rangeMatch({ protocol, first, last }: PortRange): string {
  const match = `meta l4proto ${protocol.toLowerCase()}`
  if (first === undefined) return match
  return `${match} th dport ${last === undefined || last === first ? first : `${first}-${last}`}`
}

function includesDns({ protocol, first, last }: PortRange): boolean {
  if (protocol === 'SCTP') return false
  return first === undefined || (first <= dnsPort && (last ?? first) >= dnsPort)
}

/** Pods have IPv4 addresses only: a block of IPv6 never matches. */
function isIpv4(cidr: string): boolean {
  return !cidr.includes(':')
}
