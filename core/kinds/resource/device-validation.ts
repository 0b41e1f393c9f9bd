import type { Device, DeviceTaint } from '../../api/generated/resource-v1.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { checkDns1123Label, checkLabelValue, checkQualifiedName } from '../validation/formats.ts'
import { validateCapacityPolicies } from './capacity-policy.ts'
import { validateAttributes } from './device-attributes.ts'
import { validateConsumptions } from './device-counter-validation.ts'
import { validateDevicePlaces } from './device-places.ts'
import { duplicates, validateItems } from './item-validation.ts'

const maxTaints = 16
const maxConditions = 4

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

/** What a claim waits for before its pod is bound, and what tells that this fails (upstream: validateDeviceBindingParameters). */
function validateBindingConditions(device: Device, path: string): FieldError[] {
  const { bindingConditions: ready = [], bindingFailureConditions: failed = [] } = device
  const readyPath = `${path}.bindingConditions`
  const failedPath = `${path}.bindingFailureConditions`
  const rules = {
    max: maxConditions,
    validate: (name: string, where: string) => invalidFor(where, name, checkQualifiedName(name)),
  }
  const errors = [
    ...validateItems(ready, readyPath, rules),
    ...validateItems(failed, failedPath, rules),
    ...duplicates(ready, readyPath),
    ...duplicates(failed, failedPath),
  ]
  for (const [at, name] of failed.entries()) {
    const why = 'bindingFailureConditions must not overlap with bindingConditions'
    if (ready.includes(name)) errors.push(invalidValue(`${failedPath}[${at}]`, name, why))
  }
  if (ready.length === 0 && failed.length > 0) {
    const why = 'bindingConditions are required to use bindingFailureConditions'
    errors.push(invalidValue(readyPath, device.bindingConditions, why))
  }
  if (failed.length === 0 && ready.length > 0) {
    const why = 'bindingFailureConditions are required to use bindingConditions'
    errors.push(invalidValue(failedPath, device.bindingFailureConditions, why))
  }
  return errors
}
