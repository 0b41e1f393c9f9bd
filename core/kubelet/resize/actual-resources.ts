import type { Container, Pod, ResourceRequirements } from '../../api/generated/core-v1.ts'
import { containerResources } from '../container/pod-resources.ts'
import type { ContainerResources, ContainerStatus } from '../runtime/specs.ts'

/**
 * What a container has, in the API's terms (upstream: kubelet convertContainerStatusResources): what is set aside for it,
 * but for the amounts that the runtime tells otherwise.
 */
export function actualResources(
  pod: Pod,
  container: Container,
  status: ContainerStatus,
): ResourceRequirements {
  const held = container.resources ?? {}
  if (status.state !== 'running' || !status.resources) return held
  return withActual(held, { wanted: containerResources(pod, container), actual: status.resources })
}

/** What a pod as a whole has, likewise. */
export function actualPodResources(
  held: ResourceRequirements,
  wanted: ContainerResources | undefined,
  actual: ContainerResources | undefined,
): ResourceRequirements {
  return wanted && actual ? withActual(held, { wanted, actual }) : held
}

/** Limits that are not the holder's own, but the pod's, are not told. */
function withActual(
  held: ResourceRequirements,
  { wanted, actual }: { wanted: ContainerResources; actual: ContainerResources },
): ResourceRequirements {
  const requests = { ...held.requests }
  const limits = { ...held.limits }
  if (
    actual.cpuShares !== wanted.cpuShares &&
    actual.cpuShares !== undefined &&
    requests['cpu'] !== undefined
  ) {
    requests['cpu'] = `${Math.ceil((actual.cpuShares * 1000) / 1024)}m`
  }
  if (limits['cpu'] !== undefined && actual.cpuQuota && actual.cpuQuota.quota !== wanted.cpuQuota?.quota) {
    limits['cpu'] = `${Math.round((actual.cpuQuota.quota * 1000) / actual.cpuQuota.period)}m`
  }
  const { memoryLimitBytes: memory } = actual
  if (limits['memory'] !== undefined && memory !== undefined && memory !== wanted.memoryLimitBytes) {
    limits['memory'] = binaryQuantity(memory)
  }
  return {
    ...held,
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
  }
}

/** `128Mi`: with the largest binary unit that divides it. */
function binaryQuantity(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti']
  let amount = bytes
  let unit = 0
  while (unit < units.length - 1 && amount > 0 && amount % 1024 === 0) {
    amount /= 1024
    unit++
  }
  return `${amount}${units[unit]}`
}
