import { findCondition } from '../../api/conditions.ts'
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../api/generated/core-v1.ts'
import { compareQuantity } from '../../api/quantity.ts'
import { sidecarsOf } from '../../api/sidecars.ts'

/** What the node has set aside for a pod (upstream: kubelet allocation manager). */
export interface Allocation {
  /** For the pod as a whole, where it says so. */
  readonly pod?: ResourceRequirements
  /** For the containers that can be resized, by name. */
  readonly containers: ReadonlyMap<string, ResourceRequirements>
}

/** The containers whose resources may change while the pod exists: those proper and sidecars. */
export function resizableContainers(pod: Pod): Container[] {
  return [...sidecarsOf(pod.spec), ...pod.spec.containers]
}

/** All that the pod asks for. */
export function desiredAllocation(pod: Pod): Allocation {
  const { resources } = pod.spec
  return {
    ...(resources ? { pod: resources } : {}),
    containers: new Map(
      resizableContainers(pod).map((container) => [container.name, container.resources ?? {}]),
    ),
  }
}

/**
 * What was set aside for a pod as far as its status tells: the kubelet keeps no other record of it over a restart. A pod
 * that is new, or whose resize was accepted, has all that it asks for.
 */
export function reportedAllocation(pod: Pod): Allocation {
  const { containerStatuses = [], initContainerStatuses = [], conditions, ...status } = pod.status ?? {}
  const desired = desiredAllocation(pod)
  if (findCondition(conditions, 'PodResizePending') === undefined) return desired
  const reported = new Map<string, ResourceRequirements>()
  for (const [name, wanted] of desired.containers) {
    const told = [...initContainerStatuses, ...containerStatuses].find((one) => one.name === name)
    reported.set(name, heldOf(wanted, told))
  }
  const whole = status.resources ?? status.allocatedResources
  return { ...(desired.pod && whole ? { pod: heldOf(desired.pod, status) } : {}), containers: reported }
}

/** What a status says in place of what is wanted. */
function heldOf(
  wanted: ResourceRequirements,
  told: { allocatedResources?: Record<string, string>; resources?: ResourceRequirements } | undefined,
): ResourceRequirements {
  const requests = told?.allocatedResources ?? told?.resources?.requests
  const limits = told?.resources?.limits
  return { ...wanted, ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) }
}

/** The pod with what is set aside for it in place of what it asks for; the pod itself where both are the same. */
export function withAllocation(pod: Pod, allocation: Allocation): Pod {
  if (isAllocated(pod, allocation)) return pod
  const allocated = (container: Container): Container => {
    const resources = allocation.containers.get(container.name)
    return resources ? { ...container, resources } : container
  }
  const { resources: _, ...rest } = pod.spec
  const spec: PodSpec = { ...rest, containers: pod.spec.containers.map(allocated) }
  if (allocation.pod) spec.resources = allocation.pod
  if (spec.initContainers) spec.initContainers = spec.initContainers.map(allocated)
  return { ...pod, spec }
}

/** Whether the pod as a whole has what it asks for. */
export function isWholeAllocated(pod: Pod, allocation: Allocation): boolean {
  return sameComputed(allocation.pod ?? {}, pod.spec.resources ?? {})
}

/** Whether the pod has all that it asks for. */
export function isAllocated(pod: Pod, allocation: Allocation): boolean {
  if (!isWholeAllocated(pod, allocation)) return false
  return resizableContainers(pod).every(({ name, resources }) => {
    const held = allocation.containers.get(name)
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
