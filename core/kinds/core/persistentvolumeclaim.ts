import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { accessModesText } from './volumes/access-modes.ts'
import { roundQuantities } from './resource-lists.ts'
import { claimWarnings } from './volumes/claim-warnings.ts'
import { classAnnotation, validateClaimStatus, validateClaimUpdate } from './volumes/claim-update.ts'
import { defaultClaimSpec, normalizeDataSources, validateClaimSpec } from './volumes/claim-spec.ts'

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
    roundQuantities(object.status?.capacity, object.status?.allocatedResources)
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' }
    normalizeDataSources(object.spec)
  },
  prepareForUpdate(object, old) {
    normalizeDataSources(object.spec, old.spec)
  },
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
  validateUpdate: validateClaimUpdate,
  warnings: claimWarnings,
  status: { validateUpdate: validateClaimStatus },
})
