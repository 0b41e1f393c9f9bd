import type {
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GlusterfsPersistentVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
  StorageOSPersistentVolumeSource,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, required } from '../../../api/field-errors.ts'
import { checkDns1123Label } from '../../validation/formats.ts'
import { requireMembers, requireSecret } from './cloud-sources.ts'

/** File systems and disks of a network, in pods and as PersistentVolumes (upstream: pkg/apis/core/validation/validation.go). */
const hostPort = /^(\[[^\][]*\]|[^:\][]*):[^:\][]*$/
const hostPorts = 'must be a host:port pair or multiple pairs separated by commas'
const maxTenantLength = 64

/** An export of an NFS server. */
export function validateNfs(source: NFSVolumeSource, path: string): FieldError[] {
  const errors = requireMembers(source, ['server', 'path'], path)
  if (source.path?.startsWith('/')) return errors
  return [...errors, invalidValue(`${path}.path`, source.path ?? '', 'must be an absolute path')]
}

/** A volume of a Gluster cluster, whose Endpoints a PersistentVolume may find in another namespace. */
export function validateGlusterfs(source: GlusterfsPersistentVolumeSource, path: string): FieldError[] {
  const errors = requireMembers(source, ['endpoints', 'path'], path)
  const { endpointsNamespace: namespace } = source
  if (namespace === undefined) return errors
  const where = `${path}.endpointsNamespace`
  if (namespace !== '') return [...errors, ...invalidFor(where, namespace, checkDns1123Label(namespace))]
  const why = 'if the endpointnamespace is set, it must be a valid namespace name'
  return [...errors, invalidValue(where, namespace, why)]
}

/** A dataset of Flocker's, by name or by uid. */
export function validateFlocker(
  { datasetName, datasetUUID }: FlockerVolumeSource,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (!datasetName && !datasetUUID) {
    errors.push(required(path, 'one of datasetName and datasetUUID is required'))
  }
  if (datasetName && datasetUUID) {
    const why = 'datasetName and datasetUUID can not be specified simultaneously'
    errors.push(invalidValue(path, 'resource', why))
  }
  if (datasetName?.includes('/')) {
    errors.push(invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'"))
  }
  return errors
}

/** A volume of Quobyte's. */
export function validateQuobyte(source: QuobyteVolumeSource, path: string): FieldError[] {
  const { registry, tenant } = source
  const errors: FieldError[] = []
  if (!registry) errors.push(required(`${path}.registry`, hostPorts))
  else if ((tenant ?? '').length > maxTenantLength) {
    const why = 'must be a UUID and may not exceed a length of 64 characters'
    errors.push(required(`${path}.tenant`, why))
  } else {
    const wrong = registry.split(',').filter((pair) => !hostPort.test(pair))
    errors.push(...wrong.map(() => invalidValue(`${path}.registry`, registry, hostPorts)))
  }
  return [...errors, ...requireMembers(source, ['volume'], path)]
}

/** A disk behind Fibre Channel. */
export function validateFc({ targetWWNs = [], wwids = [], lun }: FCVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = []
  const where = `${path}.targetWWNs`
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(required(where, 'must specify either targetWWNs or wwids, but not both'))
  }
  if (targetWWNs.length === 0) return errors
  if (wwids.length > 0) {
    const why = 'targetWWNs and wwids can not be specified simultaneously'
    errors.push(invalidValue(where, targetWWNs, why))
  }
  if (lun === undefined) errors.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'))
  else if (lun < 0 || lun > 255) {
    errors.push(invalidValue(`${path}.lun`, lun, 'must be between 0 and 255, inclusive'))
  }
  return errors
}

/** A volume of a FlexVolume driver, whose options may not be Kubernetes' own. */
export function validateFlex(
  source: Pick<FlexVolumeSource, 'driver' | 'options'>,
  path: string,
): FieldError[] {
  const reserved = Object.keys(source.options ?? {}).filter((key) =>
    /\.(kubernetes|k8s)\.io$/.test(`.${key.split('/')[0]!.toLowerCase()}`),
  )
  const why = 'kubernetes.io and k8s.io namespaces are reserved'
  return [
    ...requireMembers(source, ['driver'], path),
    ...reserved.map((key) => invalidValue(`${path}.options[${key}]`, key, why)),
  ]
}

/** A volume of StorageOS; only in a PersistentVolume does its secret have a namespace. */
export function validateStorageOs(
  source: Omit<StorageOSPersistentVolumeSource, 'secretRef'> & {
    secretRef?: { name?: string; namespace?: string }
  },
  path: string,
  isPersistent: boolean,
): FieldError[] {
  const { volumeName, volumeNamespace, secretRef } = source
  const errors = requireMembers(source, ['volumeName'], path)
  for (const [name, value] of Object.entries({ volumeName, volumeNamespace })) {
    if (value) errors.push(...invalidFor(`${path}.${name}`, value, checkDns1123Label(value)))
  }
  return [...errors, ...requireSecret(secretRef, `${path}.secretRef`, isPersistent)]
}
