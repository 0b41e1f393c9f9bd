import type { Container, PodSpec } from '../../../api/generated/core-v1.ts'
import { addQuantities, compareQuantity } from '../../../api/quantity.ts'

type ResourceList = Record<string, string>

/**
 * What the containers of a pod ask for together: the sum of those that run at once, or the largest moment of its start-up
 * where that is more (upstream: component-helpers/resource AggregateContainerRequests).
 */
export function aggregateRequests(spec: PodSpec): ResourceList {
  return aggregate(spec, (container) => container.resources?.requests)
}

/** The same of their limits. */
export function aggregateLimits(spec: PodSpec): ResourceList {
  return aggregate(spec, (container) => container.resources?.limits)
}

function aggregate(spec: PodSpec, amounts: (container: Container) => ResourceList | undefined): ResourceList {
  let running: ResourceList = {}
  for (const container of spec.containers ?? []) running = sum(running, amounts(container))
  let sidecars: ResourceList = {}
  let starting: ResourceList = {}
  for (const container of spec.initContainers ?? []) {
    const needed = sum(amounts(container) ?? {}, sidecars)
    if (container.restartPolicy === 'Always') {
      running = sum(running, amounts(container))
      sidecars = needed
    }
    starting = larger(starting, needed)
  }
  return larger(running, starting)
}

function sum(a: ResourceList, b: ResourceList | undefined): ResourceList {
  const result = { ...a }
  for (const [name, quantity] of Object.entries(b ?? {})) {
    const before = result[name]
    result[name] = before === undefined ? quantity : addQuantities(before, quantity)
  }
  return result
}

function larger(a: ResourceList, b: ResourceList): ResourceList {
  const result = { ...a }
  for (const [name, quantity] of Object.entries(b)) {
    const before = result[name]
    if (before === undefined || compareQuantity(quantity, before) > 0) result[name] = quantity
  }
  return result
}
