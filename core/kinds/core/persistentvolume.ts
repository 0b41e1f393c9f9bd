import type { PersistentVolume, VolumeNodeAffinity } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { equalInside } from '../validation/internal-form.ts'
import { internalDiff } from '../validation/unified-diff.ts'
import { forbiddenField, immutable, invalidValue } from '../../api/field-errors.ts'
import { roundQuantities } from './resource-lists.ts'
import { stableNodeLabel, warnOfNodeTerm } from './node-labels.ts'
import { shownNodeTerm } from './pod/node-selector-validation.ts'
import { warnOfClassAnnotation } from './volumes/claim-warnings.ts'
import { accessModesText } from './volumes/access-modes.ts'
import { volumeSourceOf } from './volumes/persistent-volume-source.ts'
import { validateVolumeSpec } from './volumes/persistent-volume-spec.ts'

/** Older name of the storage class; shown where the field is not set. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const persistentVolume = defineKind<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  namespaced: false,
  names: { plural: 'persistentvolumes', singular: 'persistentvolume', short: ['pv'] },
  schema: 'io.k8s.api.core.v1.PersistentVolume',
  returnsDeletedObject: true,
  tracksGeneration: false,
  columns: [
    nameColumn(),
    { name: 'Capacity', type: 'string', value: ({ spec }) => spec.capacity?.storage ?? '0' },
    { name: 'Access Modes', type: 'string', value: ({ spec }) => accessModesText(spec.accessModes) },
    { name: 'Reclaim Policy', type: 'string', value: ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '' },
    {
      name: 'Status',
      type: 'string',
      value: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')),
    },
    {
      name: 'Claim',
      type: 'string',
      value: ({ spec: { claimRef } }) =>
        claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : '',
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
    { name: 'Reason', type: 'string', value: ({ status }) => status?.reason ?? '' },
    ageColumn(),
    { name: 'VolumeMode', type: 'string', priority: 1, value: ({ spec }) => spec.volumeMode ?? '<unset>' },
  ],
  default(object) {
    object.spec ??= {}
    roundQuantities(object.spec.capacity)
    const { spec } = object
    spec.persistentVolumeReclaimPolicy ||= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    if (spec.hostPath) spec.hostPath.type ??= ''
    if (spec.iscsi) spec.iscsi.iscsiInterface ||= 'default'
    if (spec.rbd) defaultFields(spec.rbd, { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' })
    if (spec.azureDisk)
      defaultFields(spec.azureDisk, { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4' })
    if (spec.scaleIO) defaultFields(spec.scaleIO, { storageMode: 'ThinProvisioned', fsType: 'xfs' })
  },
  prepareForCreate(object, context) {
    object.status = { phase: 'Pending', lastPhaseTransitionTime: context.now }
  },
  validate: ({ metadata, spec }) => validateVolumeSpec(spec, 'spec', metadata.name),
  validateUpdate,
  warnings: volumeWarnings,
  status: {
    prepareForUpdate(object, old, context) {
      const { status } = object
      if (!status || status.phase === old.status?.phase) return
      // Whoever moves the phase may name the time; else it is now.
      if (status.lastPhaseTransitionTime === old.status?.lastPhaseTransitionTime) {
        status.lastPhaseTransitionTime = context.now
      }
    },
  },
})

function defaultFields<T extends object>(
  target: T,
  defaults: Partial<Record<keyof T & string, string>>,
): void {
  for (const [key, value] of Object.entries(defaults)) {
    const field = key as keyof T
    if (!target[field]) target[field] = value as T[keyof T]
  }
}

const sourceType = 'core.PersistentVolumeSource'

function validateUpdate(object: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors: FieldError[] = []
  const [before, after] = [volumeSourceOf(old.spec), comparableSource(object, old)]
  if (!equalInside(sourceType, after, before)) {
    const changed = internalDiff(sourceType, before, after)
    const why = `spec.persistentvolumesource is immutable after creation\n${changed}`
    errors.push(forbiddenField('spec.persistentvolumesource', why))
  }
  const { volumeMode, nodeAffinity, volumeAttributesClassName } = object.spec
  if (volumeMode !== old.spec.volumeMode) errors.push(immutable('volumeMode', volumeMode))
  if (
    old.spec.nodeAffinity &&
    !deepEqual(nodeAffinity, withStableLabels(old.spec.nodeAffinity, nodeAffinity))
  ) {
    const why = 'field is immutable, except for updating from beta label to GA'
    errors.push(invalidValue('nodeAffinity', shownAffinity(nodeAffinity), why))
  }
  if (old.spec.volumeAttributesClassName !== undefined && volumeAttributesClassName === undefined) {
    const why = 'update from non-nil value to nil is forbidden'
    errors.push(forbiddenField('spec.volumeAttributesClassName', why))
  }
  return errors
}

/** The old affinity with those keys renamed that the new one has under their stable names. */
function withStableLabels(old: VolumeNodeAffinity, next: VolumeNodeAffinity | undefined): VolumeNodeAffinity {
  const nextTerms = next?.required?.nodeSelectorTerms ?? []
  const nodeSelectorTerms = (old.required?.nodeSelectorTerms ?? []).map((term, at) => {
    const matchExpressions = (term.matchExpressions ?? []).map((requirement, index) => {
      const key = nextTerms[at]?.matchExpressions?.[index]?.key
      const isRenamed = key !== undefined && stableNodeLabel(requirement.key) === key
      return isRenamed ? { ...requirement, key } : requirement
    })
    return { ...term, matchExpressions }
  })
  return { ...old, required: { ...old.required, nodeSelectorTerms } }
}

/** The affinity as upstream's messages show it: a Go structure. */
function shownAffinity(affinity: VolumeNodeAffinity | undefined): unknown {
  const terms = affinity?.required?.nodeSelectorTerms
  return (
    affinity && {
      Required: affinity.required ? { NodeSelectorTerms: terms?.map(shownNodeTerm) ?? null } : null,
    }
  )
}

/** What a volume is accepted with but should not have (upstream: pkg/api/persistentvolume GetWarningsForPersistentVolume). */
function volumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  const recycles = spec.persistentVolumeReclaimPolicy === 'Recycle'
  const useProvisioning =
    'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'
  return [
    ...warnOfClassAnnotation(metadata.annotations),
    ...(recycles ? [`spec.persistentVolumeReclaimPolicy: ${useProvisioning}`] : []),
    ...terms.flatMap((term, at) =>
      warnOfNodeTerm(term, `spec.nodeAffinity.required.nodeSelectorTerms[${at}]`),
    ),
  ]
}

/** The source, without a secret for expansion that may still be added to it. */
function comparableSource({ spec }: PersistentVolume, old: PersistentVolume): Record<string, unknown> {
  const source = volumeSourceOf(spec)
  if (!spec.csi || !old.spec.csi || old.spec.csi.controllerExpandSecretRef) return source
  const { controllerExpandSecretRef: _, ...csi } = spec.csi
  return { ...source, csi }
}
