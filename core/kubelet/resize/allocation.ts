import { findCondition } from '../../api/conditions.ts'
import type { Container, Pod, ResourceRequirements } from '../../api/generated/core-v1.ts'
import { compareQuantity } from '../../api/quantity.ts'
import { isSidecar } from '../pods/restart-policy.ts'

/** What the node has set aside for the containers of a pod that can be resized, by name (upstream: kubelet allocation manager). */
export type Allocation = ReadonlyMap<string, ResourceRequirements>

/** The containers whose resources may change while the pod exists: those proper and sidecars. */
export function resizableContainers(pod: Pod): Container[] {
  return [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers]
}

/** All that the pod asks for. */
export function desiredAllocation(pod: Pod): Allocation {
  return new Map(resizableContainers(pod).map(({ name, resources }) => [name, resources ?? {}]))
}

/**
 * What was set aside for a pod as far as its status tells: the kubelet keeps no other record of it over a restart. A pod
 * that is new, or whose resize was accepted, has all that it asks for.
 */
export function reportedAllocation(pod: Pod): Allocation {
  const { containerStatuses = [], initContainerStatuses = [], conditions } = pod.status ?? {}
  const desired = desiredAllocation(pod)
  if (findCondition(conditions, 'PodResizePending') === undefined) return desired
  const reported = new Map<string, ResourceRequirements>()
  for (const [name, wanted] of desired) {
    const status = [...initContainerStatuses, ...containerStatuses].find((one) => one.name === name)
    const requests = status?.allocatedResources ?? status?.resources?.requests
    const limits = status?.resources?.limits
    reported.set(name, { ...wanted, ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) })
  }
  return reported
}

/** The pod with what is set aside for it in place of what it asks for; the pod itself where both are the same. */
export function withAllocation(pod: Pod, allocation: Allocation): Pod {
  if (isAllocated(pod, allocation)) return pod
  const allocated = (container: Container): Container => {
    const resources = allocation.get(container.name)
    return resources ? { ...container, resources } : container
  }
  const spec = { ...pod.spec, containers: pod.spec.containers.map(allocated) }
  if (spec.initContainers) spec.initContainers = spec.initContainers.map(allocated)
  return { ...pod, spec }
}

/** Whether the pod has all that it asks for. */
export function isAllocated(pod: Pod, allocation: Allocation): boolean {
  return resizableContainers(pod).every(({ name, resources }) => {
    const held = allocation.get(name)
    return held === undefined || sameComputed(held, resources ?? {})
  })
}

function sameComputed(a: ResourceRequirements, b: ResourceRequirements): boolean {
  return (['requests', 'limits'] as const).every((list) =>
    ['cpu', 'memory'].every((name) => {
      const [left, right] = [a[list]?.[name], b[list]?.[name]]
      return (
        left === right || (left !== undefined && right !== undefined && compareQuantity(left, right) === 0)
      )
    }),
  )
}
