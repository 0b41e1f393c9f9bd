import { compareQuantity, isQuantity } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue } from '../../../api/field-errors.ts'
import { validateQuantity } from '../pod/resources-validation.ts'

/** An amount of storage: a quantity greater than zero. */
export function validatePositiveQuantity(quantity: string, path: string): FieldError[] {
  if (!isQuantity(quantity)) return validateQuantity(quantity, path)
  return compareQuantity(quantity, '0') > 0 ? [] : [invalidValue(path, quantity, 'must be greater than zero')]
}
