import type { Node, Pod } from '../../api/generated/core-v1.ts'
import { nodeTermMatcher } from '../../api/node-selector.ts'
import { tolerates } from '../../api/taints.ts'
import { isStaticPod } from '../static/static-pod.ts'
import type { Refusal } from './admit-pod.ts'

const osLabel = 'kubernetes.io/os'

/**
 * Why a pod does not belong on the node, whatever room there is: its operating system, its node selector and affinity, host
 * ports that others have, and taints that would have it evicted (upstream: kubelet/lifecycle/predicate.go). `node` is undefined where it is not known.
 */
export function refuseMisplaced(pod: Pod, node: Node | undefined, others: Pod[]): Refusal | undefined {
  const system = refuseSystem(pod)
  if (system) return system
  if (node && !isWanted(pod, node)) {
    return predicateFailed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  }
  if (hasTakenPort(pod, others)) {
    return predicateFailed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  }
  if (node && !isStaticPod(pod) && isDrivenOut(pod, node)) {
    return predicateFailed('TaintToleration', "node(s) had taints that the pod didn't tolerate")
  }
  return undefined
}

/** Every node runs Linux. */
function refuseSystem({ spec }: Pod): Refusal | undefined {
  if ((spec.nodeSelector?.[osLabel] ?? 'linux') !== 'linux') {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message }
  }
  if ((spec.os?.name ?? 'linux') !== 'linux') {
    const message = "Failed to admit pod as the OS field doesn't match node OS"
    return { reason: 'PodOSNotSupported', message }
  }
  return undefined
}

function isDrivenOut({ spec }: Pod, node: Node): boolean {
  const { tolerations = [] } = spec
  return (node.spec?.taints ?? []).some(
    (taint) => taint.effect === 'NoExecute' && !tolerations.some((one) => tolerates(one, taint)),
  )
}

/** Whether the node's labels matter to the pod: only then they need to be asked for. */
export function choosesNode({ spec }: Pod): boolean {
  return Boolean(
    Object.keys(spec.nodeSelector ?? {}).length > 0 ||
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
  )
}

function predicateFailed(reason: string, why: string): Refusal {
  return { reason, message: `Predicate ${reason} failed: ${why}` }
}

function isWanted({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  const isSelected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return isSelected && (!terms || terms.some((term) => nodeTermMatcher(term)(node)))
}

interface HostPort {
  protocol: string
  port: number
  ip: string
}

function hostPorts({ spec }: Pod): HostPort[] {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, containerPort, protocol = 'TCP', hostIP }) => {
      const port = spec.hostNetwork ? containerPort : hostPort
      return port ? [{ protocol, port, ip: hostIP || '0.0.0.0' }] : []
    }),
  )
}

/** An address of all takes the port on each. */
function hasTakenPort(pod: Pod, others: Pod[]): boolean {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return false
  const taken = others.flatMap(hostPorts)
  return wanted.some(({ protocol, port, ip }) =>
    taken.some(
      (other) =>
        other.protocol === protocol &&
        other.port === port &&
        (other.ip === ip || other.ip === '0.0.0.0' || ip === '0.0.0.0'),
    ),
  )
}
