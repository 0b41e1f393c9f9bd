/** Above this, values are the system's own (upstream: pkg/apis/scheduling). */
export const highestUserPriority = 1_000_000_000

/** The PriorityClasses every cluster has. */
export const systemPriorityClasses = [
  {
    name: 'system-cluster-critical',
    value: 2 * highestUserPriority,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    name: 'system-node-critical',
    value: 2 * highestUserPriority + 1000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
] as const
