import type { PersistentVolumeSpec, VolumeNodeAffinity } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidFor, notSupported, required } from '../../validation/field-errors.ts'
import { checkDns1123Subdomain } from '../../validation/formats.ts'
import { validateNodeTerm } from '../pod/scheduling-validation.ts'
import { validateAccessModes } from './access-modes.ts'
import { validateVolumeSource } from './persistent-volume-source.ts'
import { validatePositiveQuantity } from './positive-quantity.ts'

const reclaimPolicies = ['Delete', 'Recycle', 'Retain']
const volumeModes = ['Block', 'Filesystem']

/** A PersistentVolume's spec (upstream: pkg/apis/core/validation ValidatePersistentVolumeSpec). */
export function validateVolumeSpec(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const { accessModes = [], persistentVolumeReclaimPolicy: policy, storageClassName, volumeMode } = spec
  const errors: FieldError[] = []
  if (accessModes.length === 0) errors.push(required(`${path}.accessModes`))
  errors.push(...validateAccessModes(accessModes, `${path}.accessModes`))
  errors.push(...validateCapacity(spec.capacity, `${path}.capacity`))
  if (policy && !reclaimPolicies.includes(policy)) {
    errors.push(notSupported(`${path}.persistentVolumeReclaimPolicy`, policy, reclaimPolicies))
  }
  errors.push(...validateAffinity(spec.nodeAffinity, `${path}.nodeAffinity`))
  errors.push(...validateVolumeSource(spec, path))
  if (spec.local && !spec.nodeAffinity) {
    errors.push(required(`${path}.nodeAffinity`, 'Local volume requires node affinity'))
  }
  if (spec.hostPath && policy === 'Recycle' && /^\/+$/.test(spec.hostPath.path)) {
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

function validateCapacity(capacity: Record<string, string> | undefined, path: string): FieldError[] {
  const entries = Object.entries(capacity ?? {})
  const errors: FieldError[] = []
  if (entries.length === 0) errors.push(required(path))
  if (capacity?.storage === undefined || entries.length > 1) {
    errors.push(notSupported(path, capacity, ['storage']))
  }
  for (const [name, quantity] of entries)
    errors.push(...validatePositiveQuantity(quantity, `${path}[${name}]`))
  return errors
}

function validateAffinity(affinity: VolumeNodeAffinity | undefined, path: string): FieldError[] {
  if (!affinity) return []
  if (!affinity.required) return [required(`${path}.required`, 'must specify required node constraints')]
  const terms = affinity.required.nodeSelectorTerms ?? []
  const where = `${path}.required.nodeSelectorTerms`
  if (terms.length === 0) return [required(where, 'must have at least one node selector term')]
  return terms.flatMap((term, at) => validateNodeTerm(term, `${where}[${at}]`))
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
