import type { ISCSIPersistentVolumeSource, ISCSIVolumeSource } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, required } from '../../../api/field-errors.ts'
import { requireMembers } from './cloud-sources.ts'

const forms: Record<string, RegExp> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9.-]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
}
const maxPortalName = 64
const tooLongName =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'

type Source = Omit<ISCSIVolumeSource, 'secretRef'> & { secretRef?: { name?: string } }

/** A disk behind iSCSI in a pod (upstream: validation.go validateISCSIVolumeSource). */
export function validateIscsi(source: ISCSIVolumeSource, path: string): FieldError[] {
  return [
    ...requireMembers(source, ['targetPortal'], path),
    ...validateTarget(source, path, 'must be valid format starting with iqn, eui, or naa'),
    ...validateInitiator(source, path, 'must be valid format starting with iqn, eui, or naa'),
  ]
}

/** A disk behind iSCSI as the PersistentVolume `name` (upstream: validateISCSIPersistentVolumeSource). */
export function validatePersistentIscsi(
  source: ISCSIPersistentVolumeSource,
  path: string,
  name: string,
): FieldError[] {
  const errors = requireMembers(source, ['targetPortal'], path)
  if (isNameTooLong(source, name)) {
    errors.push(invalidValue(`${path}.targetportal`, source.targetPortal, tooLongName))
  }
  errors.push(...validateTarget(source, path, 'must be valid format'))
  if (source.secretRef && !source.secretRef.name) errors.push(required(`${path}.secretRef.name`))
  return [...errors, ...validateInitiator(source, path, 'must be valid format')]
}

/** What is wrong with the name of a pod's volume where the initiator is named by it. */
export function validateIscsiVolumeName(source: ISCSIVolumeSource, name: string, path: string): FieldError[] {
  return isNameTooLong(source, name) ? [invalidValue(path, name, tooLongName)] : []
}

function isNameTooLong({ initiatorName, targetPortal = '' }: Source, name: string): boolean {
  return initiatorName !== undefined && Buffer.byteLength(`${name}:${targetPortal}`) > maxPortalName
}

function validateTarget(source: Source, path: string, unknownForm: string): FieldError[] {
  const { iqn, lun = 0, chapAuthDiscovery, chapAuthSession, secretRef } = source
  const errors = iqn ? validateForm(iqn, `${path}.iqn`, unknownForm) : [required(`${path}.iqn`)]
  if (lun < 0 || lun > 255) {
    errors.push(invalidValue(`${path}.lun`, lun, 'must be between 0 and 255, inclusive'))
  }
  if ((chapAuthDiscovery || chapAuthSession) && !secretRef) errors.push(required(`${path}.secretRef`))
  return errors
}

function validateInitiator({ initiatorName }: Source, path: string, unknownForm: string): FieldError[] {
  if (initiatorName === undefined) return []
  return validateForm(initiatorName, `${path}.initiatorname`, unknownForm)
}

function validateForm(name: string, path: string, unknownForm: string): FieldError[] {
  const form = forms[name.slice(0, 3)]
  if (!form) return [invalidValue(path, name, unknownForm)]
  return form.test(name) ? [] : [invalidValue(path, name, 'must be valid format')]
}
