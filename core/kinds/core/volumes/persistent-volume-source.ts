import type { PersistentVolumeSpec, SecretReference } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { validateDriverName } from '../../storage/driver-name.ts'
import { forbiddenField, invalidFor, required } from '../../../api/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../../validation/formats.ts'
import {
  requireMembers,
  validateAwsDisk,
  validateAzureDisk,
  validateAzureFile,
  validateCinder,
  validateGceDisk,
} from './cloud-sources.ts'
import { validatePersistentIscsi } from './iscsi-source.ts'
import { validateHostPath, validateLocal } from './local-sources.ts'
import {
  validateFc,
  validateFlex,
  validateFlocker,
  validateGlusterfs,
  validateNfs,
  validateQuobyte,
  validateStorageOs,
} from './network-sources.ts'

/** Judges one source of the PersistentVolume `name`; undefined where it is not the one that is given. */
type Check = (spec: PersistentVolumeSpec, path: string, name: string) => FieldError[] | undefined

/** Every field of a PersistentVolume's spec that is a source, in the order upstream looks at them. */
const checks = {
  hostPath: ({ hostPath }, path) => hostPath && validateHostPath(hostPath, `${path}.hostPath`),
  gcePersistentDisk: ({ gcePersistentDisk: disk }, path) =>
    disk && validateGceDisk(disk, `${path}.persistentDisk`),
  awsElasticBlockStore: ({ awsElasticBlockStore: disk }, path) =>
    disk && validateAwsDisk(disk, `${path}.awsElasticBlockStore`),
  glusterfs: ({ glusterfs }, path) => glusterfs && validateGlusterfs(glusterfs, `${path}.glusterfs`),
  flocker: ({ flocker }, path) => flocker && validateFlocker(flocker, `${path}.flocker`),
  nfs: ({ nfs }, path) => nfs && validateNfs(nfs, `${path}.nfs`),
  rbd: ({ rbd }, path) => rbd && validateRbd(rbd, `${path}.rbd`),
  quobyte: ({ quobyte }, path) => quobyte && validateQuobyte(quobyte, `${path}.quobyte`),
  cephfs: ({ cephfs }, path) => cephfs && validateCephFs(cephfs, `${path}.cephfs`),
  iscsi: ({ iscsi }, path, name) => iscsi && validatePersistentIscsi(iscsi, `${path}.iscsi`, name),
  cinder: ({ cinder }, path) => cinder && validateCinder(cinder, `${path}.cinder`, true),
  fc: ({ fc }, path) => fc && validateFc(fc, `${path}.fc`),
  flexVolume: ({ flexVolume }, path) => flexVolume && validateFlex(flexVolume, `${path}.flexVolume`),
  azureFile: ({ azureFile }, path) => azureFile && validateAzureFile(azureFile, `${path}.azureFile`),
  vsphereVolume: ({ vsphereVolume: disk }, path) =>
    disk && requireMembers(disk, ['volumePath'], `${path}.vsphereVolume`),
  photonPersistentDisk: ({ photonPersistentDisk: disk }, path) =>
    disk && requireMembers(disk, ['pdID'], `${path}.photonPersistentDisk`),
  portworxVolume: ({ portworxVolume: disk }, path) =>
    disk && requireMembers(disk, ['volumeID'], `${path}.portworxVolume`),
  azureDisk: ({ azureDisk }, path) => azureDisk && validateAzureDisk(azureDisk, `${path}.azureDisk`),
  scaleIO: ({ scaleIO }, path) =>
    scaleIO && requireMembers(scaleIO, ['gateway', 'system', 'volumeName'], `${path}.scaleIO`),
  local: ({ local, nodeAffinity }, path) =>
    local && [
      ...validateLocal(local, `${path}.local`),
      ...(nodeAffinity ? [] : [required(`${path}.nodeAffinity`, 'Local volume requires node affinity')]),
    ],
  storageos: ({ storageos }, path) => storageos && validateStorageOs(storageos, `${path}.storageos`, true),
  csi: ({ csi }, path) => csi && validateCsi(csi, `${path}.csi`),
} as const satisfies Partial<Record<keyof PersistentVolumeSpec, Check>>

const sources = Object.entries(checks) as [keyof typeof checks, Check][]

/** The sources alone: what never changes once a volume exists. */
export function volumeSourceOf(spec: PersistentVolumeSpec): Record<string, unknown> {
  return Object.fromEntries(sources.flatMap(([name]) => (spec[name] ? [[name, spec[name]]] : [])))
}

/** Exactly one source, well formed (upstream: pkg/apis/core/validation ValidatePersistentVolumeSpec). */
export function validateVolumeSource(
  spec: PersistentVolumeSpec,
  path: string,
  volumeName: string,
): FieldError[] {
  let count = 0
  const errors = sources.flatMap(([name, check]) => {
    const problems = check(spec, path, volumeName)
    if (!problems) return []
    count++
    // Upstream forgets to count a flexVolume that is not the first.
    if (count === 1 || name === 'flexVolume') return problems
    const field = name === 'cephfs' ? 'cephFS' : name
    return [forbiddenField(`${path}.${field}`, 'may not specify more than 1 volume type')]
  })
  return count > 0 ? errors : [required(path, 'must specify a volume type')]
}

/** A block device of a Ceph cluster. */
export function validateRbd(source: { monitors?: string[]; image?: string }, path: string): FieldError[] {
  return [...validateCephFs(source, path), ...requireMembers(source, ['image'], path)]
}

/** A file system of a Ceph cluster. */
export function validateCephFs({ monitors }: { monitors?: string[] }, path: string): FieldError[] {
  return monitors?.length ? [] : [required(`${path}.monitors`)]
}

const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const

function validateCsi(source: NonNullable<PersistentVolumeSpec['csi']>, path: string): FieldError[] {
  return [
    ...validateDriverName(source.driver, `${path}.driver`),
    ...requireMembers(source, ['volumeHandle'], path),
    ...csiSecrets.flatMap((name) => validateSecret(source[name], `${path}.${name}`)),
  ]
}

function validateSecret(secret: SecretReference | undefined, path: string): FieldError[] {
  if (!secret) return []
  const { name, namespace } = secret
  return [
    ...(name ? invalidFor(`${path}.name`, name, checkDns1123Subdomain(name)) : [required(`${path}.name`)]),
    ...(namespace
      ? invalidFor(`${path}.namespace`, namespace, checkDns1123Label(namespace))
      : [required(`${path}.namespace`)]),
  ]
}
