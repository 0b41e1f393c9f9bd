import type { Pod } from '../../api/generated/core-v1.ts'
import { parseAmounts, podRequests } from '../../api/pod-requests.ts'
import type { Refusal } from './admit-pod.ts'

/**
 * Why a pod does not fit beside the others, the first resource that lacks (upstream: kubelet/lifecycle/predicate.go). CPU is
 * told in millicores. The scheduler sees to it; a pod with a nodeName of its own has not asked it.
 */
export function refuseUnfit(
  pod: Pod,
  others: Pod[],
  allocatable: Record<string, string>,
): Refusal | undefined {
  // Before the engine told what it has, nothing can be judged.
  if (allocatable['pods'] === undefined) return undefined
  const used = new Map<string, number>([['pods', others.length]])
  for (const other of others) {
    for (const [resource, amount] of amountsOf(other)) used.set(resource, (used.get(resource) ?? 0) + amount)
  }
  const capacity = capacityOf(allocatable)
  for (const [resource, requested] of [['pods', 1] as const, ...amountsOf(pod)]) {
    // What no node is known to give is for whoever schedules by it.
    const isUnknown = resource.includes('/') && !capacity.has(resource)
    if (requested === 0 || isUnknown) continue
    const taken = used.get(resource) ?? 0
    const has = capacity.get(resource) ?? 0
    if (taken + requested <= has) continue
    const amounts = `requested: ${requested}, used: ${taken}, capacity: ${has}`
    return {
      reason: `OutOf${resource}`,
      message: `Node didn't have enough resource: ${resource}, ${amounts}`,
    }
  }
  return undefined
}

/** By the spec alone: what the status tells of resources is about a resize. */
function amountsOf({ metadata, spec }: Pod): Array<[string, number]> {
  return named(podRequests({ metadata, spec }))
}

function capacityOf(allocatable: Record<string, string>): Map<string, number> {
  return new Map([...named(parseAmounts(allocatable)), ['pods', Number(allocatable['pods'] ?? 0)]])
}

function named(amounts: ReturnType<typeof podRequests>): Array<[string, number]> {
  return [
    ['cpu', amounts.milliCpu],
    ['memory', amounts.memory],
    ['ephemeral-storage', amounts.ephemeralStorage],
    ...Object.entries(amounts.other),
  ]
}
