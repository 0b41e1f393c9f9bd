import type {
  DeviceClass,
  DeviceSelector,
  DeviceToleration,
  ResourceClaim,
} from '../../api/generated/resource-v1.ts'
import { toleratesDevice } from '../../api/device-taints.ts'
import { objectKey } from '../../api/meta.ts'
import type { CapacityAmounts } from './device-capacity.ts'
import type { PooledDevice } from './device-pools.ts'

/** One way to serve a request of a claim: the request itself, or one of its alternatives. */
export interface RequestOption {
  /** As results name it: `request` or `request/alternative`. */
  readonly name: string
  readonly deviceClass: DeviceClass
  readonly selectors: readonly DeviceSelector[]
  readonly tolerations: readonly DeviceToleration[]
  readonly adminAccess: boolean
  /** How much of which capacities, by name. */
  readonly capacity: CapacityAmounts
  /** Given in the claim, true or false, so that the result says it too. */
  readonly namesAdminAccess: boolean
  readonly mode: 'ExactCount' | 'All'
  readonly count: number
}

/** What a plugin must know to judge selectors. */
export interface SelectorJudge {
  /** Whether the device is what the expression asks for. Throws with what is wrong. */
  matches(expression: string, device: PooledDevice): boolean
}

/** The options of each request, the preferred ones first; throws when a class is not there. */
export function requestOptions(
  claim: ResourceClaim,
  classOf: (name: string) => DeviceClass | undefined,
): RequestOption[][] {
  return (claim.spec.devices?.requests ?? []).map(({ name, exactly, firstAvailable = [] }) => {
    const given = exactly ? [{ name, ...exactly }] : firstAvailable
    return given.map((one) => {
      const deviceClass = classOf(one.deviceClassName)
      if (!deviceClass) {
        throw new Error(
          `claim ${objectKey(claim)}, request ${one.name}: could not retrieve device class ${one.deviceClassName}: ` +
            `deviceclass.resource.k8s.io "${one.deviceClassName}" not found`,
        )
      }
      const { adminAccess } = exactly ?? {}
      return {
        name: exactly ? name : `${name}/${one.name}`,
        deviceClass,
        selectors: one.selectors ?? [],
        tolerations: one.tolerations ?? [],
        adminAccess: adminAccess ?? false,
        capacity: one.capacity?.requests ?? {},
        namesAdminAccess: adminAccess !== undefined,
        mode: one.allocationMode === 'All' ? 'All' : 'ExactCount',
        count: Number(one.count ?? 1),
      }
    })
  })
}

/** Whether the device has what class and request ask for. Throws with upstream's text when an expression fails. */
export function isSelectable(
  { deviceClass, selectors }: RequestOption,
  { claim, device, judge }: { claim: ResourceClaim; device: PooledDevice; judge: SelectorJudge },
): boolean {
  const all = (owner: string, list: readonly DeviceSelector[]): boolean =>
    list.every(({ cel }, at) => {
      try {
        return judge.matches(cel?.expression ?? '', device)
      } catch (error) {
        throw new Error(`${owner}: selector #${at}: ${(error as Error).message}`, { cause: error })
      }
    })
  return (
    all(`class ${deviceClass.metadata.name}`, deviceClass.spec.selectors ?? []) &&
    all(`claim ${objectKey(claim)}`, selectors)
  )
}

/** Whether taints keep the device from being given to this request (upstream: taintPreventsAllocation). */
export function isTaintedFor({ tolerations }: RequestOption, { device }: PooledDevice): boolean {
  return (device.taints ?? []).some(
    (taint) =>
      ['NoSchedule', 'NoExecute'].includes(taint.effect) &&
      !tolerations.some((toleration) => toleratesDevice(toleration, taint)),
  )
}
