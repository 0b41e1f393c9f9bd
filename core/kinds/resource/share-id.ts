import { invalidValue } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const notNormal =
  'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
/** The lengths of a UUID plain, as a URN, in braces and without dashes. */
const lengths = [36, 45, 38, 32]

/** Which of the claims that have a device it is (upstream: validateUID). */
export function validateShareId(id: string | undefined, path: string): FieldError[] {
  if (id === undefined || uuid.test(id)) return []
  if (!lengths.includes(id.length)) {
    return [invalidValue(path, id, `error validating uid: invalid UUID length: ${id.length}`)]
  }
  const isUuid = uuid.test(id.toLowerCase()) || id.length !== 36
  return [invalidValue(path, id, isUuid ? notNormal : 'error validating uid: invalid UUID format')]
}
