import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFilePersistentVolumeSource,
  CinderPersistentVolumeSource,
  GCEPersistentDiskVolumeSource,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, notSupported, required } from '../../../api/field-errors.ts'

/** Disks and shares of clouds, in pods and as PersistentVolumes (upstream: pkg/apis/core/validation/validation.go). */
const cachingModes = ['None', 'ReadOnly', 'ReadWrite']
const diskKinds = ['Dedicated', 'Managed', 'Shared']
const managedUri =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const blobUri = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

/** Members that must not be empty, in the order given. */
export function requireMembers<T extends object>(
  source: T,
  names: readonly (keyof T & string)[],
  path: string,
): FieldError[] {
  return names.filter((name) => !source[name]).map((name) => required(`${path}.${name}`))
}

function validatePartition(partition: number | undefined, path: string): FieldError[] {
  if ((partition ?? 0) >= 0 && (partition ?? 0) <= 255) return []
  return [invalidValue(`${path}.partition`, partition, 'must be between 1 and 255, inclusive')]
}

/** A disk of Google's. */
export function validateGceDisk(source: GCEPersistentDiskVolumeSource, path: string): FieldError[] {
  return [...requireMembers(source, ['pdName'], path), ...validatePartition(source.partition, path)]
}

/** A disk of Amazon's. */
export function validateAwsDisk(source: AWSElasticBlockStoreVolumeSource, path: string): FieldError[] {
  return [...requireMembers(source, ['volumeID'], path), ...validatePartition(source.partition, path)]
}

/** A share of Microsoft's; the namespace of its secret may be left out, not empty. */
export function validateAzureFile(source: AzureFilePersistentVolumeSource, path: string): FieldError[] {
  const errors = requireMembers(source, ['secretName', 'shareName'], path)
  return source.secretNamespace === '' ? [...errors, required(`${path}.secretNamespace`)] : errors
}

/** A disk of Microsoft's. */
export function validateAzureDisk(source: AzureDiskVolumeSource, path: string): FieldError[] {
  const { cachingMode, kind, diskURI = '' } = source
  const errors = requireMembers(source, ['diskName', 'diskURI'], path)
  if (cachingMode !== undefined && !cachingModes.includes(cachingMode)) {
    errors.push(notSupported(`${path}.cachingMode`, cachingMode, cachingModes))
  }
  if (kind === undefined) return errors
  if (!diskKinds.includes(kind)) errors.push(notSupported(`${path}.kind`, kind, diskKinds))
  const [start, form] = kind === 'Managed' ? ['/subscriptions/', managedUri] : ['https://', blobUri]
  return diskURI.startsWith(start) ? errors : [...errors, notSupported(`${path}.diskURI`, diskURI, [form])]
}

/** A volume of OpenStack's; only in a PersistentVolume does its secret have a namespace. */
export function validateCinder(
  source: CinderPersistentVolumeSource,
  path: string,
  isPersistent: boolean,
): FieldError[] {
  return [
    ...requireMembers(source, ['volumeID'], path),
    ...requireSecret(source.secretRef, `${path}.secretRef`, isPersistent),
  ]
}

/** A reference to a secret, with its namespace where that can be chosen. */
export function requireSecret(
  secret: { name?: string; namespace?: string } | undefined,
  path: string,
  hasNamespace: boolean,
): FieldError[] {
  return secret ? requireMembers(secret, hasNamespace ? ['name', 'namespace'] : ['name'], path) : []
}
