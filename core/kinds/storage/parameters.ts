import type { FieldError } from '../../api/status.ts'
import { invalidValue, required, tooLong } from '../../api/field-errors.ts'

const maxCount = 512
const maxBytes = 256 * 1024

/** Opaque parameters of a storage driver (upstream: pkg/apis/storage/validation validateParameters). */
export function validateParameters(
  parameters: Record<string, string> | undefined,
  path: string,
  options: { isRequired?: boolean } = {},
): FieldError[] {
  const entries = Object.entries(parameters ?? {})
  if (entries.length > maxCount) return [tooLong(path, maxCount)]
  if (options.isRequired && entries.length === 0) {
    return [required(path, 'must contain at least one key/value pair')]
  }
  const errors = entries.flatMap(([key]) =>
    key === '' ? [invalidValue(path, key, 'field can not be empty.')] : [],
  )
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
  return bytes > maxBytes ? [...errors, tooLong(path, maxBytes)] : errors
}
