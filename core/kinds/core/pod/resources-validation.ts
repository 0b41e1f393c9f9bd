import type { ResourceRequirements } from '../../../api/generated/core-v1.ts'
import { compareQuantity, isQuantity } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, required } from '../../validation/field-errors.ts'
import { checkQualifiedName } from '../../validation/formats.ts'

const standard = new Set(['cpu', 'memory', 'ephemeral-storage'])
const malformed =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** One quantity that must not be negative. */
export function validateQuantity(quantity: string, path: string): FieldError[] {
  if (!isQuantity(quantity)) return [invalidValue(path, quantity, malformed)]
  if (compareQuantity(quantity, '0') < 0) {
    return [invalidValue(path, quantity, 'must be greater than or equal to 0')]
  }
  return []
}

/** Requests and limits of a container or pod (upstream: validation.go ValidateContainerResourceRequirements). */
export function validateResources(resources: ResourceRequirements | undefined, path: string): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {}
  const errors: FieldError[] = []
  for (const [list, name] of [
    [limits, 'limits'],
    [requests, 'requests'],
  ] as const) {
    for (const [resource, quantity] of Object.entries(list)) {
      const where = `${path}.${name}[${resource}]`
      errors.push(...validateResourceName(resource, where), ...validateQuantity(quantity, where))
    }
  }
  if (errors.length > 0) return errors
  for (const [resource, quantity] of Object.entries(requests)) {
    const limit = limits[resource]
    const overcommits = standard.has(resource)
    if (limit === undefined) {
      if (!overcommits) {
        errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
      }
    } else if (!overcommits && compareQuantity(quantity, limit) !== 0) {
      errors.push(
        invalidValue(`${path}.requests`, quantity, `must be equal to ${resource} limit of ${limit}`),
      )
    } else if (compareQuantity(quantity, limit) > 0) {
      errors.push(
        invalidValue(
          `${path}.requests`,
          quantity,
          `must be less than or equal to ${resource} limit of ${limit}`,
        ),
      )
    }
  }
  return errors
}

function validateResourceName(name: string, path: string): FieldError[] {
  const errors = invalidFor(path, name, checkQualifiedName(name))
  if (errors.length > 0 || name.includes('/')) return errors
  if (standard.has(name) || name.startsWith('hugepages-')) return []
  return [invalidValue(path, name, 'must be a standard resource for containers')]
}
