import type { Device, DeviceTaint } from '../../api/generated/resource-v1.ts'
import { invalidFor, notSupported, required } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { checkDns1123Label, checkLabelValue, checkQualifiedName } from '../validation/formats.ts'
import { validateBindingConditions } from './binding-conditions.ts'
import { validateCapacityPolicies } from './capacity-policy.ts'
import { validateAttributes } from './device-attributes.ts'
import { validateConsumptions } from './device-counter-validation.ts'
import { validateDevicePlaces } from './device-places.ts'
import { validateItems } from './item-validation.ts'

const maxTaints = 16

/** What taints of devices can do to claims without a toleration. */
const taintEffects = ['NoExecute', 'NoSchedule', 'None']

/** A device of a slice (upstream: pkg/apis/resource/validation validateDevice). */
export function validateDevice(device: Device, path: string, isPlacedAlone: boolean): FieldError[] {
  const { name = '', taints = [], consumesCounters = [] } = device
  return [
    ...invalidFor(`${path}.name`, name, checkDns1123Label(name)),
    ...validateAttributes(device, path),
    ...validateCapacityPolicies(device, path),
    ...validateItems(taints, `${path}.taints`, { max: maxTaints, validate: validateTaint }),
    ...validateConsumptions(consumesCounters, `${path}.consumesCounters`),
    ...validateDevicePlaces(device, path, isPlacedAlone),
    ...validateBindingConditions(device, path),
  ]
}

function validateTaint({ key = '', value, effect }: DeviceTaint, path: string): FieldError[] {
  const errors = invalidFor(`${path}.key`, key, checkQualifiedName(key))
  if (value) errors.push(...invalidFor(`${path}.value`, value, checkLabelValue(value)))
  if (!effect) errors.push(required(`${path}.effect`))
  else if (!taintEffects.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, taintEffects))
  return errors
}
