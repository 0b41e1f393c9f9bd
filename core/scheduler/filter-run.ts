import type { ClusterView } from './cluster-view.ts'
import type { NodeInfo } from './node-info.ts'
import type { Nominator } from './nominator.ts'
import type { FilterPlugin, PreparedFilter, Rejection } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

/** The first filter that says no to a node, and why. */
export interface NodeRejection {
  plugin: string
  rejection: Rejection
}

export interface FilterContext {
  filters: readonly FilterPlugin[]
  cluster: ClusterView
  nominator: Nominator
}

/**
 * The filters of one pod against the cluster as it is now. `addPod` and `removePod` let it be seen with other pods; whoever
 * calls them undoes them before anything else happens, for they change the node's sums.
 */
export interface FilterRun {
  /** A filter that leaves no node at all. */
  readonly refusal: { plugin: string; reason: string } | undefined
  /** A filter that leaves only some nodes, by name; the others need not be asked. */
  readonly restriction: { plugin: string; nodes: ReadonlySet<string> } | undefined
  /**
   * Undefined when the node can take the pod, both with and without the pods nominated for it that matter at least as much
   * (upstream: RunFilterPluginsWithNominatedPods).
   */
  rejection(node: NodeInfo): NodeRejection | undefined
  addPod(info: PodInfo, node: NodeInfo): void
  removePod(info: PodInfo, node: NodeInfo): void
}

/** Prepares the filters for a pod; those that have nothing to say of it are left out. */
export function startFilters(pod: PodInfo, { filters, cluster, nominator }: FilterContext): FilterRun {
  const prepared: { plugin: string; filter: PreparedFilter }[] = []
  for (const plugin of filters) {
    const filter = plugin.prepare(pod, cluster)
    if (filter) prepared.push({ plugin: plugin.name, filter })
  }

  function restriction(): FilterRun['restriction'] {
    for (const { plugin, filter } of prepared) {
      if (filter.onlyNodes) return { plugin, nodes: filter.onlyNodes }
    }
    return undefined
  }

  function refusal(): FilterRun['refusal'] {
    for (const { plugin, filter } of prepared) {
      if (filter.refusal !== undefined) return { plugin, reason: filter.refusal }
    }
    return undefined
  }

  function first(node: NodeInfo): NodeRejection | undefined {
    for (const { plugin, filter } of prepared) {
      const rejection = filter.check(node)
      if (rejection) return { plugin, rejection }
    }
    return undefined
  }

  function addPod(info: PodInfo, node: NodeInfo): void {
    node.addPod(info)
    for (const { filter } of prepared) filter.addPod?.(info, node)
  }

  function removePod(info: PodInfo, node: NodeInfo): void {
    node.removePod(info.key)
    for (const { filter } of prepared) filter.removePod?.(info, node)
  }

  function rejectionWith(others: readonly PodInfo[], node: NodeInfo): NodeRejection | undefined {
    for (const other of others) addPod(other, node)
    const found = first(node)
    for (const other of others) removePod(other, node)
    return found
  }

  return {
    refusal: refusal(),
    restriction: restriction(),
    rejection(node) {
      const others = nominator
        .on(node.name)
        .filter(({ key, priority }) => key !== pod.key && priority >= pod.priority && !node.pods.has(key))
      return (others.length > 0 ? rejectionWith(others, node) : undefined) ?? first(node)
    },
    addPod,
    removePod,
  }
}
