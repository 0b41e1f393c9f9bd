import type { Pod } from '../../api/generated/core-v1.ts'
import { addQuantities, quantityValue } from '../../api/quantity.ts'
import type { PodStats } from '../stats/summary-api.ts'

const resource = 'ephemeral-storage'

function limitsOf({ spec }: Pod): Array<{ name: string; limit: string }> {
  return spec.containers.flatMap(({ name, resources }) => {
    const limit = resources?.limits?.[resource]
    return limit !== undefined && quantityValue(limit) > 0 ? [{ name, limit }] : []
  })
}

/** Why a pod has to go, and what upstream's metrics call that. */
export interface LimitProblem {
  signal: string
  message: string
}

/** Whether the pod's use of the node's disk is limited at all. */
export function hasStorageLimit(pod: Pod): boolean {
  return limitsOf(pod).length > 0
}

/**
 * Why a pod that outgrew its ephemeral-storage limits has to go (upstream: eviction manager localStorageEviction): it does
 * as a whole when it uses more than all its containers may, or when one of them does alone.
 */
export function storageLimitProblem(pod: Pod, stats: PodStats): LimitProblem | undefined {
  const limits = limitsOf(pod)
  const total = limits.map(({ limit }) => limit).reduce(addQuantities, '0')
  const used = stats[resource]?.usedBytes ?? 0
  if (limits.length > 0 && used > quantityValue(total)) {
    const message = `Pod ephemeral local storage usage exceeds the total limit of containers ${total}. `
    return { signal: 'ephemeralpodfs.limit', message }
  }
  for (const { name, limit } of limits) {
    const container = stats.containers.find((one) => one.name === name)
    const written = (container?.rootfs?.usedBytes ?? 0) + (container?.logs?.usedBytes ?? 0)
    if (written > quantityValue(limit)) {
      const message = `Container ${name} exceeded its local ephemeral storage limit "${limit}". `
      return { signal: 'ephemeralcontainerfs.limit', message }
    }
  }
  return undefined
}
