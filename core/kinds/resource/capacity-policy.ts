import type { CapacityRequestPolicy, Device } from '../../api/generated/resource-v1.ts'
import { duplicate, forbiddenField, invalidValue, required, tooMany } from '../../api/field-errors.ts'
import { addQuantities, ceilQuantity, compareQuantity } from '../../api/quantity.ts'
import type { FieldError } from '../../api/status.ts'

const maxValues = 10

/** How a capacity can be asked for; only of devices that several claims may have (upstream: validateRequestPolicy). */
export function validateCapacityPolicies(
  { capacity = {}, allowMultipleAllocations = false }: Device,
  path: string,
): FieldError[] {
  return Object.entries(capacity).flatMap(([name, { value, requestPolicy }]) => {
    if (!requestPolicy) return []
    const where = `${path}.capacity[${name}].requestPolicy`
    if (!allowMultipleAllocations) return [forbiddenField(where, 'allowMultipleAllocations must be true')]
    return validatePolicy(requestPolicy, value, where)
  })
}

function validatePolicy(policy: CapacityRequestPolicy, total: string, path: string): FieldError[] {
  const { validValues = [], validRange, default: standard } = policy
  if (validValues.length > 0 && validRange) {
    const why =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
    return [forbiddenField(path, why)]
  }
  const kind = validRange ? 'validRange' : 'validValues'
  if (!validRange && validValues.length === 0) return []
  if (standard === undefined) return [required(`${path}.default`, `required when ${kind} is defined`)]
  return validRange
    ? validateRange(validRange, { standard, total }, `${path}.validRange`)
    : validateValues(validValues, { standard, total }, `${path}.validValues`)
}

interface Bounds {
  standard: string
  /** All there is. */
  total: string
}

function validateValues(values: string[], { standard, total }: Bounds, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [at, value] of values.entries()) {
    const before = values[at - 1]
    if (before !== undefined && compareQuantity(before, value) > 0) {
      errors.push(invalidValue(`${path}[${at}]`, value, 'values must be sorted in ascending order'))
    }
  }
  if (values.length > maxValues) errors.push(tooMany(path, values.length, maxValues))
  else {
    for (const [at, value] of values.entries()) {
      if (compareQuantity(value, total) > 0) {
        errors.push(invalidValue(`${path}[${at}]`, value, `option is larger than capacity value: ${total}`))
      }
      if (values.findIndex((one) => ceilQuantity(one) === ceilQuantity(value)) < at) {
        errors.push(duplicate(`${path}[${at}]`, String(ceilQuantity(value))))
      }
    }
    if (values.some((value) => compareQuantity(value, standard) === 0)) return errors
  }
  return [
    ...errors,
    invalidValue(path, standard, 'default value is not valid according to the requestPolicy'),
  ]
}

function validateRange(
  { min, max, step }: NonNullable<CapacityRequestPolicy['validRange']>,
  { standard, total }: Bounds,
  path: string,
): FieldError[] {
  if (min === undefined) return [required(`${path}.min`, 'required when validRange is defined')]
  const errors: FieldError[] = []
  const check = (field: string, value: string, problem: string | false): void => {
    if (problem) errors.push(invalidValue(`${path}.${field}`, value, problem))
  }
  const exceeds = (a: string, b: string): boolean => compareQuantity(a, b) > 0
  check('min', min, exceeds(min, total) && `min is larger than capacity value: ${total}`)
  check('min', standard, exceeds(min, standard) && `default is less than min: ${min}`)
  if (max !== undefined) {
    check('max', min, exceeds(min, max) && `min is larger than max: ${max}`)
    check('max', max, exceeds(max, total) && `max is larger than capacity value: ${total}`)
    check('max', standard, exceeds(standard, max) && `default is more than max: ${max}`)
  }
  if (step === undefined) return errors
  const one = addQuantities(min, step)
  check('step', step, exceeds(one, total) && `one step ${one} is larger than capacity value: ${total}`)
  for (const value of max === undefined ? [standard] : [standard, max]) {
    const by = ceilQuantity(step)
    const isMultiple = by > 0n && (ceilQuantity(value) - ceilQuantity(min)) % by === 0n
    check('step', value, !isMultiple && `value is not a multiple of a given step (${step}) from (${min})`)
  }
  return errors
}
