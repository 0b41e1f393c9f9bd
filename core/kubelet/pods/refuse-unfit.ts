import type { Pod } from '../../api/generated/core-v1.ts'
import { parseAmounts, podRequests } from '../../api/pod-requests.ts'
import type { Refusal } from './admit-pod.ts'

/** A resource that a pod asks for more of than is left. CPU is told in millicores. */
export interface Shortfall {
  resource: string
  requested: number
  used: number
  capacity: number
}

/**
 * What the node has not enough of to run a pod beside the others (upstream: kubelet/lifecycle/predicate.go). The scheduler sees
 * to it; a pod with a nodeName of its own has not asked it.
 */
export function shortfalls(pod: Pod, others: Pod[], allocatable: Record<string, string>): Shortfall[] {
  // Before the engine told what it has, nothing can be judged.
  if (allocatable['pods'] === undefined) return []
  const taken = new Map<string, number>()
  for (const other of others) {
    for (const [resource, amount] of requestsOf(other))
      taken.set(resource, (taken.get(resource) ?? 0) + amount)
  }
  const has = capacityOf(allocatable)
  return requestsOf(pod).flatMap(([resource, requested]) => {
    // What no node is known to give is for whoever schedules by it.
    const isUnknown = resource.includes('/') && !has.has(resource)
    if (requested === 0 || isUnknown) return []
    const used = taken.get(resource) ?? 0
    const capacity = has.get(resource) ?? 0
    return used + requested <= capacity ? [] : [{ resource, requested, used, capacity }]
  })
}

/** In upstream's words: the first resource that lacks. */
export function refuseUnfit([first]: Shortfall[]): Refusal | undefined {
  if (!first) return undefined
  const { resource, requested, used, capacity } = first
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`
  return {
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, ${amounts}`,
  }
}

/** What a pod takes of the node, itself as one of its pods. By the spec alone: what the status tells of resources is about a resize. */
export function requestsOf({ metadata, spec }: Pod): Array<[string, number]> {
  return [['pods', 1], ...named(podRequests({ metadata, spec }))]
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
