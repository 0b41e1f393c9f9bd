import type {
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { deepEqual } from '../../validation/deep-equal.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../../validation/formats.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { roundQuantities } from '../resource-lists.ts'
import { validateAccessModes } from './access-modes.ts'
import { validatePositiveQuantity } from './positive-quantity.ts'

const volumeModes = ['Block', 'Filesystem']

/** Defaults of a claim's spec, also in a StatefulSet's templates (upstream: SetDefaults_PersistentVolumeClaimSpec). */
export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
  roundQuantities(spec.resources?.limits, spec.resources?.requests)
}

/**
 * Keeps the two names of a claim's data source in step (upstream: pkg/api/persistentvolumeclaim NormalizeDataSources):
 * what only one of them says, the other says too.
 * A source in another namespace, where one is stored, has only the newer name.
 */
export function normalizeDataSources(spec: PersistentVolumeClaimSpec, old?: PersistentVolumeClaimSpec): void {
  // The older name knows claims and snapshots only, and forgets anything else unless it was there before.
  if (spec.dataSource && !old?.dataSource && !isClassic(spec.dataSource)) delete spec.dataSource
  // Sources in other namespaces are behind a gate that is off (upstream: CrossNamespaceVolumeDataSource).
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource }
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...local } = dataSourceRef
    spec.dataSource = local
  }
}

function isClassic({ apiGroup, kind }: TypedLocalObjectReference): boolean {
  if (!apiGroup) return kind === 'PersistentVolumeClaim'
  return apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot'
}

/** A claim's spec (upstream: pkg/apis/core/validation ValidatePersistentVolumeClaimSpec). */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const { accessModes = [], storageClassName, volumeMode, dataSource, dataSourceRef } = spec
  const errors: FieldError[] = []
  if (accessModes.length === 0) {
    errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'))
  }
  errors.push(...validateLabelSelector(spec.selector, `${path}.selector`))
  errors.push(...validateAccessModes(accessModes, `${path}.accessModes`))
  const storage = spec.resources?.requests?.storage
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`))
  else errors.push(...validatePositiveQuantity(storage, `${path}.resources[storage]`))
  if (storageClassName) {
    errors.push(
      ...invalidFor(`${path}.storageClassName`, storageClassName, checkDns1123Subdomain(storageClassName)),
    )
  }
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) {
    errors.push(notSupported(`${path}.volumeMode`, volumeMode, volumeModes))
  }
  if (dataSource) errors.push(...validateDataSource(dataSource, `${path}.dataSource`))
  if (dataSourceRef) errors.push(...validateDataSource(dataSourceRef, `${path}.dataSourceRef`))
  errors.push(...validateDataSourcePair(spec, path))
  const { volumeAttributesClassName: attributesClass } = spec
  if (attributesClass) {
    const where = `${path}.volumeAttributesClassName`
    errors.push(...invalidFor(where, attributesClass, checkDns1123Subdomain(attributesClass)))
  }
  return errors
}

function validateDataSource(
  source: TypedLocalObjectReference & Pick<TypedObjectReference, 'namespace'>,
  path: string,
): FieldError[] {
  const { apiGroup, kind, name, namespace } = source
  const errors: FieldError[] = []
  if (!name) errors.push(required(`${path}.name`))
  if (!kind) errors.push(required(`${path}.kind`))
  if (!apiGroup && kind !== 'PersistentVolumeClaim') {
    const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
    errors.push(invalidValue(path, kind, why))
  }
  if (apiGroup) errors.push(...invalidFor(`${path}.apiGroup`, apiGroup, checkDns1123Subdomain(apiGroup)))
  if (namespace) errors.push(...invalidFor(`${path}.namespace`, namespace, checkDns1123Label(namespace)))
  return errors
}

function validateDataSourcePair(
  { dataSource, dataSourceRef }: PersistentVolumeClaimSpec,
  path: string,
): FieldError[] {
  if (!dataSource || !dataSourceRef) return []
  // Upstream shows the path of the field, of which JSON has nothing to show.
  const field = {}
  if (dataSourceRef.namespace) {
    return [invalidValue(path, field, 'may not be specified when dataSourceRef.namespace is specified')]
  }
  const { namespace: _, ...local } = dataSourceRef
  return deepEqual(dataSource, local) ? [] : [invalidValue(path, field, 'must match dataSourceRef')]
}
