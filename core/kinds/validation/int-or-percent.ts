import type { FieldError } from '../../api/status.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { invalidValue } from '../../api/field-errors.ts'

const percentMessage =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

/** A number that is not negative, or a percentage (upstream: ValidatePositiveIntOrPercent). */
export function validateIntOrPercent(value: number | string | undefined, path: string): FieldError[] {
  if (typeof value !== 'string') return validateNonNegative(value, path)
  return /^[0-9]+%$/.test(value) ? [] : [invalidValue(path, value, percentMessage)]
}

/** A percentage of no more than 100 (upstream: IsNotMoreThan100Percent); numbers are fine. */
export function validateAtMost100Percent(value: number | string | undefined, path: string): FieldError[] {
  const tooMuch = typeof value === 'string' && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100
  return tooMuch ? [invalidValue(path, value, 'must not be greater than 100%')] : []
}

/** The number itself, or that of a percentage; 0 for anything else (upstream: getIntOrPercentValue). */
export function amountOf(value: number | string | undefined): number {
  if (typeof value !== 'string') return value ?? 0
  return /^[0-9]+%?$/.test(value) ? Number.parseInt(value, 10) : 0
}
