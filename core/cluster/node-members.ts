import type { Taint } from '../api/generated/core-v1.ts'
import { nodePodRange } from '../kubelet/docker/cluster-network.ts'
import type { ClusterOptions } from './options.ts'

/** One node that a cluster is to have. */
export interface NodeMember {
  name: string
  /** Counted from 1, apart for simulated and other nodes; decides the pod range. */
  index: number
  /** Whether it runs no containers whatever engine there is. */
  isSimulated: boolean
  labels: Record<string, string>
  taints: Taint[]
}

/** Tells simulated nodes apart, for selectors. */
const runtimeLabel = 'wheelhouse.dev/runtime'
/** Keeps pods that are to run in earnest off simulated nodes, where a cluster has both. */
const simulatedTaint: Taint = { key: 'wheelhouse.dev/simulated', effect: 'NoSchedule' }
/** 10.128.0.0 and on: a /24 for each of 10,000 simulated nodes, below what Docker's networks and Services have. */
const simulatedRangeStart = 128

/**
 * The nodes that the options ask for: `<cluster>-node-N` on the chosen runtime, then `<cluster>-sim-N`. The latter are
 * tainted where the others run containers.
 */
export function nodeMembers(
  options: Pick<ClusterOptions, 'name' | 'nodes' | 'simulatedNodes' | 'runtime'>,
): NodeMember[] {
  const { name, nodes, simulatedNodes, runtime } = options
  const own = Array.from({ length: nodes }, (_, at): NodeMember => ({
    name: `${name}-node-${at + 1}`,
    index: at + 1,
    isSimulated: false,
    labels: at === 0 ? { 'node-role.kubernetes.io/control-plane': '' } : {},
    taints: [],
  }))
  const simulated = Array.from({ length: simulatedNodes }, (_, at): NodeMember => ({
    name: `${name}-sim-${at + 1}`,
    index: at + 1,
    isSimulated: true,
    labels: { [runtimeLabel]: 'simulated' },
    taints: runtime === 'docker' ? [simulatedTaint] : [],
  }))
  return [...own, ...simulated]
}

const rolePrefix = 'node-role.kubernetes.io/'

function labelsWhere({ labels }: NodeMember, isWanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => isWanted(name)))
}

/** The labels that a kubelet may give its own node: all but those of roles (see NodeRestriction). */
export function kubeletLabels(member: NodeMember): Record<string, string> {
  return labelsWhere(member, (name) => !name.startsWith(rolePrefix))
}

/** The labels that an administrator must give the node. */
export function roleLabels(member: NodeMember): Record<string, string> {
  return labelsWhere(member, (name) => name.startsWith(rolePrefix))
}

/** The address of a node: the one of its pod range that no pod gets. */
export function nodeAddress(podRange: string): string {
  return podRange.replace(/\.0\/24$/, '.1')
}

/** The pod range of a node: out of the cluster's Docker network, or of addresses that nobody reaches. */
export function podRange({ index, isSimulated }: NodeMember, subnet: string): string {
  if (!isSimulated) return nodePodRange(subnet, index)
  return `10.${simulatedRangeStart + (index >> 8)}.${index & 255}.0/24`
}
