import type { FieldError } from '../../../api/status.ts'
import { formatPath } from '../decode-error.ts'

/** What an embedded object must say of itself (upstream: schema/objectmeta ValidateEmbeddedResource). */
export function embeddedErrors(value: Record<string, unknown>, path: (string | number)[]): FieldError[] {
  return ['apiVersion', 'kind'].flatMap((name): FieldError[] => {
    const given = value[name]
    const field = formatPath([...path, name])
    if (given === undefined)
      return [{ type: 'FieldValueRequired', field, message: 'Required value: must not be empty' }]
    if (given !== '') return []
    return [{ type: 'FieldValueInvalid', field, message: 'Invalid value: "": must not be empty' }]
  })
}
