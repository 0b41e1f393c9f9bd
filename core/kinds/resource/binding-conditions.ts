import type { Device } from '../../api/generated/resource-v1.ts'
import { invalidFor, invalidValue } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { checkQualifiedName } from '../validation/formats.ts'
import { duplicates, validateItems } from './item-validation.ts'

const maxConditions = 4

/** What a claim waits for before its pod is bound, and what tells that this fails (upstream: validateDeviceBindingParameters). */
export function validateBindingConditions(
  device: Pick<Device, 'bindingConditions' | 'bindingFailureConditions'>,
  path: string,
): FieldError[] {
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
