import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../core/api/generated/networking-v1.ts'
import type { LabelSelector } from '../../core/api/meta.ts'
import { formatRequirements, labelMatcher, requirementsOf } from '../../core/api/selectors.ts'
import type { MessageKey, TextParams } from '../i18n/text.ts'

/** One end of allowed traffic, in words. */
export interface TrafficPeer {
  text: MessageKey
  params?: TextParams
  /** `pods` and `namespaces` are drawn apart from addresses. */
  kind: 'anyone' | 'pods' | 'addresses'
}

/** One rule: who, over which ports. No ports: all of them. */
export interface TrafficRule {
  peers: TrafficPeer[]
  ports: string[]
}

/** What a policy says of one direction; `open` = it does not bound it, no rules = nothing may pass. */
export interface TrafficSide {
  isOpen: boolean
  rules: TrafficRule[]
}

export interface Traffic {
  ingress: TrafficSide
  egress: TrafficSide
}

function selectorText(selector: LabelSelector): string {
  return formatRequirements(requirementsOf(selector))
}

function peerOf({ ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer): TrafficPeer {
  if (ipBlock) {
    const except = ipBlock.except?.join(', ')
    return except
      ? { kind: 'addresses', text: 'traffic.blockExcept', params: { cidr: ipBlock.cidr, except } }
      : { kind: 'addresses', text: 'traffic.block', params: { cidr: ipBlock.cidr } }
  }
  const pods = podSelector && selectorText(podSelector)
  const namespaces = namespaceSelector && selectorText(namespaceSelector)
  if (namespaces === undefined)
    return pods
      ? { kind: 'pods', text: 'traffic.podsHere', params: { pods } }
      : { kind: 'pods', text: 'traffic.allPodsHere' }
  if (pods)
    return namespaces
      ? { kind: 'pods', text: 'traffic.podsIn', params: { pods, namespaces } }
      : { kind: 'pods', text: 'traffic.podsAnywhere', params: { pods } }
  return namespaces
    ? { kind: 'pods', text: 'traffic.allPodsIn', params: { namespaces } }
    : { kind: 'pods', text: 'traffic.allPods' }
}

function portText({ protocol = 'TCP', port, endPort }: NetworkPolicyPort): string {
  if (port === undefined) return protocol
  return `${protocol} ${port}${endPort ? `–${endPort}` : ''}`
}

function ruleOf(peers: NetworkPolicyPeer[] | undefined, ports: NetworkPolicyPort[] | undefined): TrafficRule {
  return {
    peers: peers?.length ? peers.map(peerOf) : [{ kind: 'anyone', text: 'traffic.anyone' }],
    ports: (ports ?? []).map(portText),
  }
}

/**
 * Who may talk to the pods of a policy and to whom they may talk. Without policyTypes a policy bounds what comes in, and
 * what goes out only if it has rules for it (upstream: pkg/apis/networking/v1/defaults.go).
 */
export function trafficOf({ spec }: NetworkPolicy): Traffic {
  const types = spec.policyTypes ?? ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])]
  return {
    ingress: {
      isOpen: !types.includes('Ingress'),
      rules: (spec.ingress ?? []).map(({ from, ports }) => ruleOf(from, ports)),
    },
    egress: {
      isOpen: !types.includes('Egress'),
      rules: (spec.egress ?? []).map(({ to, ports }) => ruleOf(to, ports)),
    },
  }
}

/** The policies of a namespace that are for a pod with these labels. */
export function policiesFor(
  policies: NetworkPolicy[],
  labels: Record<string, string> | undefined,
): NetworkPolicy[] {
  return policies.filter(({ spec }) => labelMatcher(spec.podSelector ?? {})(labels))
}

function together(sides: TrafficSide[]): TrafficSide {
  const bounding = sides.filter(({ isOpen }) => !isOpen)
  return { isOpen: bounding.length === 0, rules: bounding.flatMap(({ rules }) => rules) }
}

/** What several policies of one pod come to: a direction that any of them bounds is bounded, and each rule of any lets pass. */
export function trafficOfAll(policies: NetworkPolicy[]): Traffic {
  const all = policies.map(trafficOf)
  return {
    ingress: together(all.map(({ ingress }) => ingress)),
    egress: together(all.map(({ egress }) => egress)),
  }
}
