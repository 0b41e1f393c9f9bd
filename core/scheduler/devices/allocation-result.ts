import { randomUUID } from 'node:crypto'
import type { NodeSelector, NodeSelectorRequirement } from '../../api/generated/core-v1.ts'
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  ResourceClaim,
} from '../../api/generated/resource-v1.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import type { CapacityAmounts } from './device-capacity.ts'
import type { PooledDevice } from './device-pools.ts'
import type { RequestOption } from './device-requests.ts'

/** A device that was given to a request. */
export interface GivenDevice {
  option: RequestOption
  device: PooledDevice
  /** What it takes of a device that others may have too. */
  share?: CapacityAmounts
}

/** The allocation of a claim as its status tells it (upstream: structured Allocate). */
export function allocationResult(
  claim: ResourceClaim,
  { chosen, given, nodeName }: { chosen: RequestOption[]; given: GivenDevice[]; nodeName: string },
): AllocationResult {
  const config = configurations(claim, chosen)
  const nodeSelector = selectorOf(given, nodeName)
  return {
    devices: {
      results: given.map(({ option, share, device: { device, slice } }) => ({
        request: option.name,
        driver: slice.spec.driver,
        pool: slice.spec.pool.name,
        device: device.name,
        ...(device.bindingConditions?.length
          ? {
              bindingConditions: device.bindingConditions,
              bindingFailureConditions: device.bindingFailureConditions ?? [],
            }
          : {}),
        ...(share ? { shareID: randomUUID() } : {}),
        ...(share && Object.keys(share).length > 0 ? { consumedCapacity: { ...share } } : {}),
        ...(option.namesAdminAccess ? { adminAccess: option.adminAccess } : {}),
        ...(option.tolerations.length > 0 ? { tolerations: [...option.tolerations] } : {}),
      })),
      ...(config.length > 0 ? { config } : {}),
    },
    ...(nodeSelector ? { nodeSelector } : {}),
  }
}

/** What drivers are told: the classes' configuration, each class once, then the claim's own. */
function configurations(claim: ResourceClaim, chosen: RequestOption[]): DeviceAllocationConfiguration[] {
  const byClass = Map.groupBy(chosen, ({ deviceClass }) => deviceClass.metadata.name)
  const fromClasses = [...byClass.values()].flatMap((options) =>
    (options[0]?.deviceClass.spec.config ?? []).map((one) => ({
      source: 'FromClass',
      requests: options.map(({ name }) => name),
      ...one,
    })),
  )
  const names = chosen.flatMap(({ name }) => [name, name.split('/')[0] ?? ''])
  const fromClaim = (claim.spec.devices?.config ?? [])
    .filter(({ requests = [] }) => requests.length === 0 || requests.some((name) => names.includes(name)))
    .map((one) => ({ source: 'FromClaim', ...one }))
  return [...fromClasses, ...fromClaim]
}

/** Where the devices can be used; undefined for everywhere. */
function selectorOf(given: GivenDevice[], targetNode: string): NodeSelector | undefined {
  const matchFields: NodeSelectorRequirement[] = []
  const matchExpressions: NodeSelectorRequirement[] = []
  const addNew = (to: NodeSelectorRequirement[], from: NodeSelectorRequirement[] = []): void => {
    for (const one of from) if (!to.some((known) => deepEqual(known, one))) to.push(one)
  }
  for (const { device: pooled } of given) {
    const { device, slice } = pooled
    const { nodeName, nodeSelector } = slice.spec.perDeviceNodeSelection ? device : slice.spec
    if (nodeName || device.bindsToNode) {
      const onTarget = { key: 'metadata.name', operator: 'In', values: [targetNode] }
      return { nodeSelectorTerms: [{ matchFields: [onTarget] }] }
    }
    const [term] = nodeSelector?.nodeSelectorTerms ?? []
    addNew(matchFields, term?.matchFields)
    addNew(matchExpressions, term?.matchExpressions)
  }
  if (matchFields.length + matchExpressions.length === 0) return undefined
  return {
    nodeSelectorTerms: [
      {
        ...(matchFields.length > 0 ? { matchFields } : {}),
        ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
      },
    ],
  }
}
