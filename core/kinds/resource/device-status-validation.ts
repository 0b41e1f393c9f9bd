import type {
  AllocatedDeviceStatus,
  NetworkDeviceData,
  ResourceClaimStatus,
} from '../../api/generated/resource-v1.ts'
import { invalidFor, tooMany, wrongField } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { validateDriverName } from '../storage/driver-name.ts'
import { validateConditions } from '../validation/conditions.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { checkInterfaceAddress } from '../validation/ip-address.ts'
import { validateDriverData } from './device-configuration.ts'
import { validateLength, validateSet } from './item-validation.ts'
import { validatePoolName } from './pool-name.ts'
import { validateShareId } from './share-id.ts'

const maxConditions = 8
const maxAddresses = 16
const maxInterfaceName = 256
const maxHardwareAddress = 128

/** What drivers tell of the devices a claim got (upstream: validateDeviceStatus). */
export function validateDeviceStatuses(
  { devices = [], allocation }: ResourceClaimStatus,
  path: string,
): FieldError[] {
  const allocated = new Set((allocation?.devices?.results ?? []).map(deviceKey))
  return validateSet(devices, path, {
    max: Infinity,
    key: deviceKey,
    validate: (device, where) => validateDevice(device, allocated, where),
  })
}

function deviceKey({ driver, pool, device, shareID }: AllocatedDeviceStatus): string {
  return [driver, pool, device, ...(shareID ? [shareID] : [])].join('/')
}

function validateDevice(status: AllocatedDeviceStatus, allocated: Set<string>, path: string): FieldError[] {
  const { driver, pool, device = '', shareID, conditions = [], data, networkData } = status
  const errors = [
    ...validateDriverName(driver, `${path}.driver`),
    ...validatePoolName(pool, `${path}.pool`),
    ...invalidFor(`${path}.device`, device, checkDns1123Label(device)),
    ...validateShareId(shareID, `${path}.shareID`),
  ]
  const key = deviceKey(status)
  if (!allocated.has(key)) errors.push(wrongField(path, `${key}: must be an allocated device in the claim`))
  if (conditions.length > maxConditions) {
    errors.push(tooMany(`${path}.conditions`, conditions.length, maxConditions))
  }
  return [
    ...errors,
    ...validateConditions(conditions, `${path}.conditions`),
    ...(data === undefined ? [] : validateDriverData(data, `${path}.data`)),
    ...validateNetwork(networkData ?? {}, `${path}.networkData`),
  ]
}

function validateNetwork(
  { interfaceName, hardwareAddress, ips = [] }: NetworkDeviceData,
  path: string,
): FieldError[] {
  return [
    ...validateLength(interfaceName ?? '', maxInterfaceName, `${path}.interfaceName`),
    ...validateLength(hardwareAddress ?? '', maxHardwareAddress, `${path}.hardwareAddress`),
    ...validateSet(ips, `${path}.ips`, {
      max: maxAddresses,
      key: (ip) => ip,
      validate: (ip, where) => invalidFor(where, ip, checkInterfaceAddress(ip)),
    }),
  ]
}
