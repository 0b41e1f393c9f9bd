import type { ResourceRequirements } from '../../api/generated/core-v1.ts'
import { quantityMilli, quantityValue } from '../../api/quantity.ts'
import type { ContainerResources } from '../runtime/specs.ts'

const minimumShares = 2
const quotaPeriod = 100_000
const minimumQuota = 1_000

/** CPU shares from the request (or limit), CFS quota and memory from the limits (upstream: kubelet/cm/helpers_linux.go). */
export function resourceFields(resources: ResourceRequirements | undefined): ContainerResources {
  const { requests = {}, limits = {} } = resources ?? {}
  const wanted = quantityMilli(requests['cpu'] ?? limits['cpu'])
  const cpuLimit = quantityMilli(limits['cpu'])
  const memory = quantityValue(limits['memory'])
  return {
    cpuShares: Math.max(minimumShares, Math.floor((wanted * 1024) / 1000)),
    ...(cpuLimit > 0
      ? {
          cpuQuota: {
            quota: Math.max(minimumQuota, Math.floor((cpuLimit * quotaPeriod) / 1000)),
            period: quotaPeriod,
          },
        }
      : {}),
    ...(memory > 0 ? { memoryLimitBytes: memory } : {}),
  }
}

/** Whether two grant the same CPU. */
export function sameCpu(a: ContainerResources, b: ContainerResources): boolean {
  return (
    a.cpuShares === b.cpuShares &&
    a.cpuQuota?.quota === b.cpuQuota?.quota &&
    a.cpuQuota?.period === b.cpuQuota?.period
  )
}
