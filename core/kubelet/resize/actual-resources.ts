import type { Container, ResourceRequirements } from '../../api/generated/core-v1.ts'
import { resourceFields } from '../container/container-spec.ts'
import type { ContainerStatus } from '../runtime/runtime.ts'

/**
 * What a container has, in the API's terms (upstream: kubelet convertContainerStatusResources): what is set aside for it,
 * but for the amounts that the runtime tells otherwise.
 */
export function actualResources(container: Container, status: ContainerStatus): ResourceRequirements {
  const held = container.resources ?? {}
  const { resources: actual } = status
  if (status.state !== 'running' || !actual) return held
  const wanted = resourceFields(held)
  const requests = { ...held.requests }
  const limits = { ...held.limits }
  if (
    actual.cpuShares !== wanted.cpuShares &&
    actual.cpuShares !== undefined &&
    requests['cpu'] !== undefined
  ) {
    requests['cpu'] = `${Math.ceil((actual.cpuShares * 1000) / 1024)}m`
  }
  if (actual.cpuQuota && actual.cpuQuota.quota !== wanted.cpuQuota?.quota) {
    limits['cpu'] = `${Math.round((actual.cpuQuota.quota * 1000) / actual.cpuQuota.period)}m`
  }
  if (actual.memoryLimitBytes !== undefined && actual.memoryLimitBytes !== wanted.memoryLimitBytes) {
    limits['memory'] = binaryQuantity(actual.memoryLimitBytes)
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
