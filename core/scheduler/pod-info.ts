import type { Pod } from '../api/generated/core-v1.ts'
import { objectKey } from '../api/meta.ts'
import { claimKeysOf } from '../api/pod-claims.ts'
import type { Labels } from '../api/selectors.ts'
import { affinityTermsOf, type AffinityTerms } from './affinity-terms.ts'
import { podRequests, type Amounts } from '../api/pod-requests.ts'
import { sidecarsOf } from '../api/sidecars.ts'

/** A port of the node that a pod takes for itself. */
export interface HostPort {
  /** `0.0.0.0` for all addresses. */
  ip: string
  protocol: string
  port: number
}

/** A pod with what plugins need of it, computed once. */
export interface PodInfo {
  readonly pod: Pod
  readonly key: string
  readonly namespace: string
  readonly labels: Labels
  readonly isTerminating: boolean
  readonly affinity: AffinityTerms
  /** The same for pods that no other pod can tell apart; see PodCohorts. */
  readonly cohortKey: string
  readonly requests: Amounts
  /** Requests with defaults for containers without: what scores work from. */
  readonly scoringRequests: Amounts
  readonly hostPorts: HostPort[]
  readonly priority: number
  /** Keys of the claims its volumes are. */
  readonly claims: readonly string[]
}

/** Computes the facts of a pod. */
export function podInfo(pod: Pod): PodInfo {
  const { namespace = '', labels, deletionTimestamp } = pod.metadata
  const isTerminating = deletionTimestamp !== undefined
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  return {
    pod,
    key: objectKey(pod),
    namespace,
    labels,
    isTerminating,
    affinity: affinityTermsOf(pod),
    cohortKey: JSON.stringify([namespace, isTerminating, labels, podAffinity, podAntiAffinity]),
    requests: podRequests(pod),
    scoringRequests: podRequests(pod, { useDefaults: true }),
    hostPorts: hostPortsOf(pod),
    priority: pod.spec.priority ?? 0,
    claims: claimKeysOf(pod),
  }
}

function hostPortsOf(pod: Pod): HostPort[] {
  return [...pod.spec.containers, ...sidecarsOf(pod.spec)].flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort ? [{ ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort }] : [],
    ),
  )
}
