import type { DeviceConfiguration } from '../../api/generated/resource-v1.ts'
import { invalidValue, required, tooLong } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { validateDriverName } from '../storage/driver-name.ts'

const maxBytes = 10 * 1024

/** What a driver is to be told about devices. */
export function validateConfiguration({ opaque }: DeviceConfiguration, path: string): FieldError[] {
  if (!opaque) return [required(`${path}.opaque`)]
  return [
    ...validateDriverName(opaque.driver, `${path}.opaque.driver`),
    ...validateDriverData(opaque.parameters, `${path}.opaque.parameters`),
  ]
}

/** What only a driver understands: an object of at most 10 KiB (upstream: validateRawExtension). */
export function validateDriverData(data: unknown, path: string): FieldError[] {
  if (data === undefined || data === null) return [required(path)]
  if (Buffer.byteLength(JSON.stringify(data)) > maxBytes) return [tooLong(path, maxBytes)]
  if (typeof data === 'object' && !Array.isArray(data)) return []
  return [invalidValue(path, '<value omitted>', 'must be a valid JSON object')]
}
