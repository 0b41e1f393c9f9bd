import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../api/generated/core-v1.ts'
import { compareQuantity } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import { equalInside } from '../../validation/internal-form.ts'
import { internalDiff } from '../../validation/unified-diff.ts'
import { forbiddenField, immutable, invalidFor, notSupported } from '../../../api/field-errors.ts'
import { checkQualifiedName } from '../../validation/formats.ts'
import { isNativeResource } from '../../../api/extended-resources.ts'
import { validateSize } from './persistent-volume-spec.ts'

/** Older name of the storage class; shown before the field. */
export const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
]

/**
 * What may change in a claim (upstream: ValidatePersistentVolumeClaimUpdate): the volume once, the class from none to
 * one, the labels and annotations, and the size of a bound one.
 */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const munged = structuredClone(claim.spec)
  const isBound = claim.status?.phase === 'Bound'
  if (!old.spec.volumeName) copyField(munged, old.spec, 'volumeName')
  const errors = mungeClass(munged, claim, old)
  if (isBound && munged.resources?.requests) {
    const before = old.spec.resources?.requests?.storage
    if (before !== undefined) munged.resources.requests.storage = before
  }
  if (isBound && munged.volumeAttributesClassName !== undefined) {
    copyField(munged, old.spec, 'volumeAttributesClassName')
  }
  const type = 'core.PersistentVolumeClaimSpec'
  if (!equalInside(type, munged, old.spec)) {
    const changed = internalDiff(type, old.spec, munged)
    const why = `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${changed}`
    errors.push(forbiddenField('spec', why))
  }
  errors.push(...validateShrink(claim, old))
  if (claim.spec.volumeMode !== old.spec.volumeMode) {
    errors.push(immutable('volumeMode', claim.spec.volumeMode))
  }
  return [...errors, ...validateAttributesClass(claim, old)]
}

function copyField<K extends keyof PersistentVolumeClaimSpec>(
  target: PersistentVolumeClaimSpec,
  source: PersistentVolumeClaimSpec,
  name: K,
): void {
  if (source[name] === undefined) delete target[name]
  else target[name] = source[name]
}

/** The default class is filled in after the fact, and the older annotation may give way to the field; else both stay. */
function mungeClass(
  munged: PersistentVolumeClaimSpec,
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): FieldError[] {
  const [after, before] = [claim, old].map(({ metadata }) => metadata.annotations?.[classAnnotation])
  const name = claim.spec.storageClassName
  const isFilledIn = name !== undefined && old.spec.storageClassName === undefined
  if (isFilledIn && (before === undefined || before === name)) copyField(munged, old.spec, 'storageClassName')
  const isMoved = isFilledIn && before === name && (after === undefined || after === before)
  if (isMoved || (after ?? '') === (before ?? '')) return []
  return [immutable(`metadata.annotations.${classAnnotation}`, after ?? '')]
}

/** A failed expansion may be taken back, but not to what the volume already has or less. */
function validateShrink(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [after = '0', before = '0'] = [claim, old].map(({ spec }) => spec.resources?.requests?.storage)
  if (compareQuantity(after, before) >= 0) return []
  if (compareQuantity(after, old.status?.capacity?.storage ?? '0') > 0) return []
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

function validateAttributesClass(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [after, before] = [claim, old].map(({ spec }) => spec.volumeAttributesClassName)
  const path = 'spec.volumeAttributesClassName'
  if (before === undefined || after === before) return []
  if (after === undefined) return [forbiddenField(path, 'update from non-nil value to nil is forbidden')]
  if (after === '') return [forbiddenField(path, 'update from non-nil value to an empty string is forbidden')]
  return []
}

/** What a claim is said to have, and how far its expansion is (upstream: ValidatePersistentVolumeClaimStatusUpdate). */
export function validateClaimStatus({ status }: PersistentVolumeClaim): FieldError[] {
  const { capacity = {}, allocatedResourceStatuses = {}, allocatedResources = {} } = status ?? {}
  const errors = Object.entries(capacity).flatMap(([name, quantity]) =>
    validateSize(quantity, `status.capacity[${name}]`),
  )
  for (const [name, state] of Object.entries(allocatedResourceStatuses)) {
    const path = 'status.allocatedResourceStatus'
    errors.push(...validateResource(name, path))
    // Upstream shows the resource where it means its state.
    if (!resizeStates.includes(state)) errors.push(notSupported(path, name, resizeStates))
  }
  for (const [name, quantity] of Object.entries(allocatedResources)) {
    const path = 'status.allocatedResources'
    const wrong = validateResource(name, path)
    errors.push(...(wrong.length > 0 ? wrong : validateSize(quantity, `${path}[${name}]`)))
  }
  return errors
}

function validateResource(name: string, path: string): FieldError[] {
  const errors = invalidFor(path, name, checkQualifiedName(name))
  if (errors.length > 0 || !isNativeResource(name) || name === 'storage') return errors
  return [notSupported(path, name, ['storage'])]
}
