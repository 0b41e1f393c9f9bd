import type { AppArmorProfile } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, notSupported, required, tooLong } from '../../../api/field-errors.ts'

const types = ['Localhost', 'RuntimeDefault', 'Unconfined']
/** One less than the longest path of Linux. */
const maxProfileLength = 4095

/** An AppArmor profile (upstream: validation.go ValidateAppArmorProfileField). */
export function validateAppArmor(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  if (!type) return [required(`${path}.type`, 'type is required when appArmorProfile is set')]
  if (!types.includes(type)) return [notSupported(`${path}.type`, type, types)]
  const where = `${path}.localhostProfile`
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return []
    return [invalidValue(where, localhostProfile, 'can only be set when AppArmor type is Localhost')]
  }
  const errors: FieldError[] = []
  if (localhostProfile !== localhostProfile?.trim()) {
    errors.push(invalidValue(where, localhostProfile, 'must not be padded with whitespace'))
  } else if (!localhostProfile) {
    errors.push(required(where, 'must be set when AppArmor type is Localhost'))
  }
  if (Buffer.byteLength(localhostProfile ?? '') > maxProfileLength) {
    errors.push(tooLong(where, maxProfileLength))
  }
  return errors
}
