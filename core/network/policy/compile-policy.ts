import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../api/generated/networking-v1.ts'
import { labelMatcher } from '../../api/selectors.ts'
import type { PeerLookup } from './peer-lookup.ts'
import type { PolicyPod } from './policy-pods.ts'

/** What one pod may exchange. A side that is undefined is not isolated: everything is allowed. */
export interface PodPolicy {
  ingress: AllowRule[] | undefined
  egress: AllowRule[] | undefined
}

/** Allows traffic with any of the peers on any of the ports. */
export interface AllowRule {
  peers: 'all' | { ips: readonly string[]; blocks: readonly IPBlock[] }
  ports: 'all' | readonly PortRange[]
}

/** Ports `first` to `last`, both included; undefined: all ports of the protocol. */
export interface PortRange {
  protocol: string
  first: number | undefined
  last: number | undefined
}

/**
 * What the policies of a pod's namespace mean for it (semantics: networking/v1 types.go). The rules of all policies that
 * select the pod add up; a side is isolated as soon as one of them names it.
 */
export function compilePolicy(
  pod: PolicyPod,
  policies: readonly NetworkPolicy[],
  lookup: PeerLookup,
): PodPolicy {
  const selecting = policies.filter(({ spec }) => labelMatcher(spec.podSelector ?? {})(pod.labels))
  const of = (type: string): NetworkPolicy[] =>
    selecting.filter(({ spec }) => spec.policyTypes?.includes(type))
  const inbound = of('Ingress')
  const outbound = of('Egress')
  return {
    ingress:
      inbound.length === 0
        ? undefined
        : inbound.flatMap(({ spec }) =>
            (spec.ingress ?? []).flatMap((rule) => ingressRule(pod, rule, lookup)),
          ),
    egress:
      outbound.length === 0
        ? undefined
        : outbound.flatMap(({ spec, metadata }) =>
            (spec.egress ?? []).flatMap((rule) =>
              egressRules({ namespace: metadata.namespace ?? '', peers: rule.to, ports: rule.ports }, lookup),
            ),
          ),
  }
}

/** Named ports of an incoming rule are those of the pod itself. */
function ingressRule(
  pod: PolicyPod,
  rule: { from?: NetworkPolicyPeer[]; ports?: NetworkPolicyPort[] },
  lookup: PeerLookup,
): AllowRule[] {
  const peers = rule.from?.length
    ? peersOf(
        rule.from,
        rule.from.flatMap((peer) => (peer.ipBlock ? [] : lookup.podsOf(peer, pod.namespace))),
      )
    : ('all' as const)
  if (!rule.ports?.length) return [{ peers, ports: 'all' }]
  const ports = rule.ports.flatMap((port) => rangesOf(port, pod))
  return ports.length === 0 ? [] : [{ peers, ports }]
}

/** Named ports of an outgoing rule are those of each peer, so that it may come apart into several rules. */
function egressRules(
  rule: { namespace: string; peers?: NetworkPolicyPeer[]; ports?: NetworkPolicyPort[] },
  lookup: PeerLookup,
): AllowRule[] {
  const { namespace, peers = [], ports = [] } = rule
  const selected = peers.flatMap((peer) => (peer.ipBlock ? [] : lookup.podsOf(peer, namespace)))
  const allowed = peers.length === 0 ? ('all' as const) : peersOf(peers, selected)
  if (ports.length === 0) return [{ peers: allowed, ports: 'all' }]
  const numbered = ports.filter(({ port }) => typeof port !== 'string').flatMap((port) => rangesOf(port))
  const named = ports.filter(({ port }) => typeof port === 'string')
  const rules: AllowRule[] = numbered.length > 0 ? [{ peers: allowed, ports: numbered }] : []
  if (named.length === 0) return rules
  const byPort = new Map<string, { range: PortRange; ips: string[] }>()
  for (const peer of peers.length === 0 ? lookup.everyPod() : selected) {
    if (peer.ip === undefined) continue
    for (const range of named.flatMap((port) => rangesOf(port, peer))) {
      const key = `${range.protocol}/${range.first}`
      const entry = byPort.get(key) ?? { range, ips: [] }
      entry.ips.push(peer.ip)
      byPort.set(key, entry)
    }
  }
  return [
    ...rules,
    ...[...byPort.values()].map(({ range, ips }) => ({ peers: { ips, blocks: [] }, ports: [range] })),
  ]
}

function peersOf(peers: NetworkPolicyPeer[], pods: PolicyPod[]): AllowRule['peers'] {
  const ips = new Set(pods.flatMap(({ ip }) => (ip === undefined ? [] : [ip])))
  return { ips: [...ips].sort(), blocks: peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock] : [])) }
}

/** A named port that `owner` does not have allows nothing. */
function rangesOf({ protocol = 'TCP', port, endPort }: NetworkPolicyPort, owner?: PolicyPod): PortRange[] {
  if (typeof port !== 'string') return [{ protocol, first: port, last: endPort ?? port }]
  return (owner?.ports ?? [])
    .filter((candidate) => candidate.name === port && candidate.protocol === protocol)
    .map((candidate) => ({ protocol, first: candidate.port, last: candidate.port }))
}
