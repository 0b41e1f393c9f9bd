import type { Device, ResourceSliceSpec } from '../../api/generated/resource-v1.ts'
import { invalidFor, invalidValue, required } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { validateNodeSelector } from '../core/pod/node-selector-validation.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'

const onePlace =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
const noPlace =
  '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'

/** Which of the fields that say where devices are have a value, and what is wrong with these. */
export function givenPlaces(
  { nodeName, nodeSelector, allNodes }: Pick<ResourceSliceSpec, 'nodeName' | 'nodeSelector' | 'allNodes'>,
  path: string,
  emptyName: string,
): { given: string[]; errors: FieldError[] } {
  const given: string[] = []
  const errors: FieldError[] = []
  if (nodeName === '') errors.push(invalidValue(`${path}.nodeName`, nodeName, emptyName))
  else if (nodeName !== undefined) {
    given.push('nodeName')
    errors.push(...invalidFor(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName)))
  }
  if (nodeSelector) {
    given.push('nodeSelector')
    errors.push(...validateNodeSelector(nodeSelector, `${path}.nodeSelector`))
  }
  if (allNodes) given.push('allNodes')
  else if (allNodes === false) {
    errors.push(invalidValue(`${path}.allNodes`, allNodes, 'must be either unset or set to true'))
  }
  return { given, errors }
}

/** The fields that were given, as upstream lists them in its messages. */
export function placesText(given: string[]): string {
  return `{${given.map((name) => `\`${name}\``).join(', ')}}`
}

/** Where a device is, which it says where its slice leaves it to its devices, and only there. */
export function validateDevicePlaces(device: Device, path: string, isPerDevice: boolean): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = device
  if (!isPerDevice) {
    const isGiven = [nodeName, nodeSelector, allNodes].some((value) => value !== undefined)
    return isGiven ? [invalidValue(path, null, noPlace)] : []
  }
  const { given, errors } = givenPlaces(device, path, 'must not be empty')
  if (given.length === 0) errors.push(required(path, onePlace))
  if (given.length > 1) errors.push(invalidValue(path, placesText(given), onePlace))
  return errors
}
