import { posix } from 'node:path'
import type { PersistentVolumeSpec, VolumeNodeAffinity } from '../../../api/generated/core-v1.ts'
import { quantityValue } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../../validation/formats.ts'
import { validateNodeSelector } from '../pod/node-selector-validation.ts'
import { validateAccessModes } from './access-modes.ts'
import { validateVolumeSource } from './persistent-volume-source.ts'
import { validatePositiveQuantity } from './positive-quantity.ts'

const reclaimPolicies = ['Delete', 'Recycle', 'Retain']
const volumeModes = ['Block', 'Filesystem']

/** The spec of the PersistentVolume `name` (upstream: pkg/apis/core/validation ValidatePersistentVolumeSpec). */
export function validateVolumeSpec(spec: PersistentVolumeSpec, path: string, name: string): FieldError[] {
  const { accessModes = [], persistentVolumeReclaimPolicy: policy, storageClassName, volumeMode } = spec
  const errors: FieldError[] = []
  if (accessModes.length === 0) errors.push(required(`${path}.accessModes`))
  errors.push(...validateAccessModes(accessModes, `${path}.accessModes`))
  errors.push(...validateCapacity(spec.capacity, `${path}.capacity`))
  if (policy && !reclaimPolicies.includes(policy)) {
    errors.push(notSupported(`${path}.persistentVolumeReclaimPolicy`, policy, reclaimPolicies))
  }
  errors.push(...validateAffinity(spec.nodeAffinity, `${path}.nodeAffinity`))
  errors.push(...validateVolumeSource(spec, path, name))
  if (policy === 'Recycle' && isRoot(spec.hostPath?.path)) {
    const why = "may not be 'recycle' for a hostPath mount of '/'"
    errors.push(forbiddenField(`${path}.persistentVolumeReclaimPolicy`, why))
  }
  if (storageClassName) {
    errors.push(
      ...invalidFor(`${path}.storageClassName`, storageClassName, checkDns1123Subdomain(storageClassName)),
    )
  }
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) {
    errors.push(notSupported(`${path}.volumeMode`, volumeMode, volumeModes))
  }
  return [...errors, ...validateAttributesClass(spec, path)]
}

/** Whether a path leads to the root of the node's files, such as `/` or `/a/..`. */
function isRoot(path: string | undefined): boolean {
  return path?.startsWith('/') === true && posix.normalize(path).replace(/\/+$/, '') === ''
}

function validateCapacity(capacity: Record<string, string> = {}, path: string): FieldError[] {
  const entries = Object.entries(capacity)
  const errors: FieldError[] = []
  if (entries.length === 0) errors.push(required(path))
  if (capacity.storage === undefined || entries.length > 1) {
    errors.push(notSupported(path, entries.length > 0 ? capacity : undefined, ['storage']))
  }
  for (const [name, quantity] of entries) {
    const where = `${path}[${name}]`
    errors.push(...validateSize(quantity, where), ...validatePositiveQuantity(quantity, where))
  }
  return errors
}

/** An amount of bytes, shown as a number when it is none (upstream: validateBasicResource). */
export function validateSize(quantity: string, path: string): FieldError[] {
  const size = quantityValue(quantity)
  return size < 0 ? [invalidValue(path, size, 'must be a valid resource quantity')] : []
}

function validateAffinity(affinity: VolumeNodeAffinity | undefined, path: string): FieldError[] {
  if (!affinity) return []
  if (affinity.required) return validateNodeSelector(affinity.required, `${path}.required`)
  return [required(`${path}.required`, 'must specify required node constraints')]
}

function validateAttributesClass(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const { volumeAttributesClassName: name } = spec
  if (name === undefined) return []
  const where = `${path}.volumeAttributesClassName`
  const errors =
    name === ''
      ? [required(where, 'an empty string is disallowed')]
      : invalidFor(where, name, checkDns1123Subdomain(name))
  if (!spec.csi) {
    errors.push(required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName'))
  }
  return errors
}
