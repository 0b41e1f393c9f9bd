import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { compareQuantity } from '../../api/quantity.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { differences } from '../validation/deep-equal.ts'
import { forbiddenField, immutable } from '../validation/field-errors.ts'
import { accessModesText } from './volumes/access-modes.ts'
import { defaultClaimSpec, normalizeDataSources, validateClaimSpec } from './volumes/claim-spec.ts'

/** Older name of the storage class; shown before the field. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const persistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
  names: { plural: 'persistentvolumeclaims', singular: 'persistentvolumeclaim', short: ['pvc'] },
  schema: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  returnsDeletedObject: true,
  tracksGeneration: false,
  columns: [
    nameColumn(),
    {
      name: 'Status',
      type: 'string',
      value: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')),
    },
    { name: 'Volume', type: 'string', value: ({ spec }) => spec.volumeName ?? '' },
    {
      name: 'Capacity',
      type: 'string',
      // What a bound claim has got; nothing is promised before.
      value: ({ spec, status }) => (spec.volumeName ? (status?.capacity?.storage ?? '0') : ''),
    },
    {
      name: 'Access Modes',
      type: 'string',
      value: ({ spec, status }) => (spec.volumeName ? accessModesText(status?.accessModes) : ''),
    },
    {
      name: 'StorageClass',
      type: 'string',
      value: ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? '',
    },
    {
      name: 'VolumeAttributesClass',
      type: 'string',
      value: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    },
    ageColumn(),
    { name: 'VolumeMode', type: 'string', priority: 1, value: ({ spec }) => spec.volumeMode ?? '<unset>' },
  ],
  default(object) {
    object.spec ??= {}
    defaultClaimSpec(object.spec)
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' }
    normalizeDataSources(object.spec)
  },
  prepareForUpdate(object) {
    normalizeDataSources(object.spec)
  },
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
  validateUpdate,
  status: {},
})

/**
 * What may change in a claim (upstream: ValidatePersistentVolumeClaimUpdate): the volume once, the class from none to
 * one, the labels and annotations, and the size of a bound one.
 */
function validateUpdate(object: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = []
  const isBound = object.status?.phase === 'Bound'
  const munged = structuredClone(object.spec)
  if (!old.spec.volumeName) copyField(munged, old.spec, 'volumeName')
  // The default class is filled in after the fact, as long as nobody has chosen one.
  if (old.spec.storageClassName === undefined && old.metadata.annotations?.[classAnnotation] === undefined) {
    copyField(munged, old.spec, 'storageClassName')
  }
  if (isBound) {
    const before = old.spec.resources?.requests?.storage
    if (munged.resources?.requests && before !== undefined) munged.resources.requests.storage = before
    copyField(munged, old.spec, 'volumeAttributesClassName')
  }
  const changed = differences(munged, old.spec, 'spec')
  if (changed.length > 0) {
    const why = `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${changed.join('\n')}`
    errors.push(forbiddenField('spec', why))
  }
  if (isBound) errors.push(...validateShrink(object, old))
  if (object.spec.volumeMode !== old.spec.volumeMode) {
    errors.push(immutable('volumeMode', object.spec.volumeMode))
  }
  return [...errors, ...validateAttributesClass(object, old)]
}

function copyField<K extends keyof PersistentVolumeClaim['spec']>(
  target: PersistentVolumeClaim['spec'],
  source: PersistentVolumeClaim['spec'],
  name: K,
): void {
  if (source[name] === undefined) delete target[name]
  else target[name] = source[name]
}

/** A failed expansion may be taken back, but not to what the volume already has or less. */
function validateShrink(object: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [after, before] = [object, old].map(({ spec }) => spec.resources?.requests?.storage)
  if (after === undefined || before === undefined || compareQuantity(after, before) >= 0) return []
  if (compareQuantity(after, old.status?.capacity?.storage ?? '0') > 0) return []
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

function validateAttributesClass(object: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [after, before] = [object, old].map(({ spec }) => spec.volumeAttributesClassName)
  const path = 'spec.volumeAttributesClassName'
  if (before === undefined || after === before) return []
  if (after === undefined) return [forbiddenField(path, 'update from non-nil value to nil is forbidden')]
  if (after === '') return [forbiddenField(path, 'update from non-nil value to an empty string is forbidden')]
  return []
}
