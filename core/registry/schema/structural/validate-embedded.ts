import type { FieldError } from '../../../api/status.ts'
import { invalidValue, required } from '../../../api/field-errors.ts'
import { formatPath } from '../decode-error.ts'

/** What an embedded object must say of itself (upstream: schema/objectmeta ValidateEmbeddedResource). */
export function embeddedErrors(value: Record<string, unknown>, path: (string | number)[]): FieldError[] {
  return ['apiVersion', 'kind'].flatMap((name): FieldError[] => {
    const given = value[name]
    const field = formatPath([...path, name])
    if (given === undefined) return [required(field, 'must not be empty')]
    return given === '' ? [invalidValue(field, given, 'must not be empty')] : []
  })
}
