import type { Pod } from '../../api/generated/core-v1.ts'
import { sidecarsOf } from '../../api/sidecars.ts'

/** What network policies need to know of a pod. */
export interface PolicyPod {
  namespace: string
  labels: Record<string, string>
  /** Undefined: it has none yet, or may have lost it to another pod, or shares the node's. */
  ip: string | undefined
  ports: PolicyPodPort[]
}

/** A port that a container names. */
export interface PolicyPodPort {
  name: string
  protocol: string
  port: number
}

/** The part of a pod that counts. A pod that ended keeps its address in its status, but no longer owns it. */
export function policyPod(pod: Pod): PolicyPod {
  const { phase, podIP } = pod.status ?? {}
  const owns = !pod.spec.hostNetwork && phase !== 'Succeeded' && phase !== 'Failed'
  const ports = [...pod.spec.containers, ...sidecarsOf(pod.spec)]
    .flatMap((container) => container.ports ?? [])
    .flatMap(({ name, protocol = 'TCP', containerPort }) =>
      name ? [{ name, protocol, port: containerPort }] : [],
    )
  return {
    namespace: pod.metadata.namespace ?? '',
    labels: pod.metadata.labels ?? {},
    ip: owns && podIP ? podIP : undefined,
    ports,
  }
}

/** Whether nothing that a policy looks at differs. */
export function samePolicyPod(a: PolicyPod, b: PolicyPod): boolean {
  return (
    a.ip === b.ip &&
    JSON.stringify(a.labels) === JSON.stringify(b.labels) &&
    JSON.stringify(a.ports) === JSON.stringify(b.ports)
  )
}
