import { findCondition } from './conditions.ts'
import type { Container, ContainerStatus, Pod } from './generated/core-v1.ts'
import { quantityMilli, quantityValue } from './quantity.ts'
import { sidecarsOf } from './sidecars.ts'

/** Amounts of resources: CPU in millicores, the rest in whole units (bytes, counts). */
export interface Amounts {
  milliCpu: number
  memory: number
  ephemeralStorage: number
  /** Extended resources and huge pages by name. */
  other: Record<string, number>
}

/** What a container without a request counts for when nodes are scored (upstream: GetNonzeroRequests). */
const defaultMilliCpu = 100
const defaultMemory = 200 * 1024 * 1024

export function noAmounts(): Amounts {
  return { milliCpu: 0, memory: 0, ephemeralStorage: 0, other: {} }
}

/** Parses a resource list such as `requests` or `allocatable`; `pods` is left out. */
export function parseAmounts(list: Record<string, string> | undefined): Amounts {
  const amounts = noAmounts()
  for (const [name, quantity] of Object.entries(list ?? {})) {
    if (name === 'cpu') amounts.milliCpu = quantityMilli(quantity)
    else if (name === 'memory') amounts.memory = quantityValue(quantity)
    else if (name === 'ephemeral-storage') amounts.ephemeralStorage = quantityValue(quantity)
    else if (name !== 'pods') amounts.other[name] = quantityValue(quantity)
  }
  return amounts
}

/** Adds `b` to `a` in place, `sign` times. */
export function addAmounts(a: Amounts, b: Amounts, sign: 1 | -1 = 1): void {
  a.milliCpu += sign * b.milliCpu
  a.memory += sign * b.memory
  a.ephemeralStorage += sign * b.ephemeralStorage
  for (const [name, value] of Object.entries(b.other)) a.other[name] = (a.other[name] ?? 0) + sign * value
}

function maxAmounts(a: Amounts, b: Amounts): Amounts {
  const other = { ...a.other }
  for (const [name, value] of Object.entries(b.other)) other[name] = Math.max(other[name] ?? 0, value)
  return {
    milliCpu: Math.max(a.milliCpu, b.milliCpu),
    memory: Math.max(a.memory, b.memory),
    ephemeralStorage: Math.max(a.ephemeralStorage, b.ephemeralStorage),
    other,
  }
}

function requestsOf(container: Container, useDefaults: boolean): Amounts {
  const requests = container.resources?.requests
  const amounts = parseAmounts(requests)
  if (useDefaults && requests?.cpu === undefined) amounts.milliCpu = defaultMilliCpu
  if (useDefaults && requests?.memory === undefined) amounts.memory = defaultMemory
  return amounts
}

/** What a status tells of a container's resources, or of the pod's as a whole. */
type Holder = Pick<ContainerStatus, 'allocatedResources' | 'resources'>

function statusOf({ status }: Pod, { name }: Container): Holder | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = status ?? {}
  return [...containerStatuses, ...initContainerStatuses].find((one) => one.name === name)
}

/**
 * While a pod is resized its node has the most of what it asks for and what it still has; a resize that its node cannot
 * do counts for nothing (upstream: component-helpers determineContainerReqs).
 */
function heldAmounts(pod: Pod, holder: Holder | undefined, asked: Amounts): Amounts {
  const { allocatedResources, resources } = holder ?? {}
  if (!allocatedResources && !resources?.requests) return asked
  const held = maxAmounts(parseAmounts(allocatedResources), parseAmounts(resources?.requests))
  const pending = findCondition(pod.status?.conditions, 'PodResizePending')
  return pending?.reason === 'Infeasible' ? held : maxAmounts(held, asked)
}

/**
 * What a pod needs of a node: the sum of its containers and sidecars, or the largest moment of its start-up if that is
 * more, plus overhead; pod-level requests count instead where given (upstream: component-helpers resource.PodRequests).
 * With `useDefaults` containers without requests count for something.
 */
export function podRequests(pod: Pod, options: { useDefaults: boolean } = { useDefaults: false }): Amounts {
  const { useDefaults } = options
  const running = noAmounts()
  const needs = (container: Container): Amounts =>
    heldAmounts(pod, statusOf(pod, container), requestsOf(container, useDefaults))
  for (const container of pod.spec.containers) addAmounts(running, needs(container))
  const sidecars = noAmounts()
  let starting = noAmounts()
  for (const container of pod.spec.initContainers ?? []) {
    const needed = needs(container)
    addAmounts(needed, sidecars)
    starting = maxAmounts(starting, needed)
    if (container.restartPolicy === 'Always') addAmounts(sidecars, needs(container))
  }
  addAmounts(running, sidecars)
  const total = maxAmounts(running, starting)
  const podLevel = pod.spec.resources?.requests
  if (podLevel) {
    const amounts = heldAmounts(pod, pod.status, parseAmounts(podLevel))
    if (podLevel.cpu !== undefined) total.milliCpu = amounts.milliCpu
    if (podLevel.memory !== undefined) total.memory = amounts.memory
    Object.assign(total.other, amounts.other)
  }
  addAmounts(total, parseAmounts(pod.spec.overhead))
  return total
}

/**
 * What a pod may use at most: the sum of its containers' and sidecars' limits plus overhead, pod-level limits instead
 * where given. A resource that some container may use without limit has none: 0 (upstream: resource.PodLimits counts
 * such a container as nothing, which only suits quotas).
 */
export function podLimits(pod: Pod): Amounts {
  const containers = [...pod.spec.containers, ...sidecarsOf(pod.spec)]
  const total = noAmounts()
  for (const { resources } of containers) addAmounts(total, parseAmounts(resources?.limits))
  if (containers.some(({ resources }) => resources?.limits?.cpu === undefined)) total.milliCpu = 0
  if (containers.some(({ resources }) => resources?.limits?.memory === undefined)) total.memory = 0
  const podLevel = parseAmounts(pod.spec.resources?.limits)
  if (podLevel.milliCpu) total.milliCpu = podLevel.milliCpu
  if (podLevel.memory) total.memory = podLevel.memory
  const overhead = parseAmounts(pod.spec.overhead)
  if (total.milliCpu) total.milliCpu += overhead.milliCpu
  if (total.memory) total.memory += overhead.memory
  return total
}
