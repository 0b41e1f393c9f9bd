import type { PersistentVolumeSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { validateHostPath, validateNfs, validateNoBacksteps } from '../pod/volume-validation.ts'
import { forbiddenField, invalidFor, invalidValue, required } from '../../validation/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../../validation/formats.ts'
import { validateDriverName } from '../../storage/driver-name.ts'

/** Every field of a PersistentVolume's spec that is a source, in the order upstream looks at them. */
const sourceNames = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies (keyof PersistentVolumeSpec)[]

/** The sources alone: what never changes once a volume exists. */
export function volumeSourceOf(spec: PersistentVolumeSpec): Record<string, unknown> {
  return Object.fromEntries(sourceNames.flatMap((name) => (spec[name] ? [[name, spec[name]]] : [])))
}

/** Exactly one source, well formed (upstream: pkg/apis/core/validation ValidatePersistentVolumeSpec). */
export function validateVolumeSource(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const given = sourceNames.filter((name) => spec[name])
  if (given.length === 0) return [required(path, 'must specify a volume type')]
  const why = 'may not specify more than 1 volume type'
  return [
    ...validateSource(spec, given[0]!, `${path}.${given[0]!}`),
    ...given.slice(1).map((name) => forbiddenField(`${path}.${name}`, why)),
  ]
}

function validateSource(
  spec: PersistentVolumeSpec,
  name: (typeof sourceNames)[number],
  path: string,
): FieldError[] {
  switch (name) {
    case 'hostPath':
      return validateHostPath(spec.hostPath!, path)
    case 'nfs':
      return validateNfs(spec.nfs!, path)
    case 'local':
      return validateLocal(spec.local!, path)
    case 'csi':
      return validateCsi(spec.csi!, path)
    case 'iscsi':
      return validateIscsi(spec.iscsi!, path)
    default:
      return []
  }
}

function validateLocal({ path: text }: { path?: string }, path: string): FieldError[] {
  return text ? validateNoBacksteps(text, `${path}.path`) : [required(`${path}.path`)]
}

function validateIscsi(source: NonNullable<PersistentVolumeSpec['iscsi']>, path: string): FieldError[] {
  const { targetPortal, iqn, lun, chapAuthDiscovery, chapAuthSession, secretRef } = source
  const errors: FieldError[] = []
  if (!targetPortal) errors.push(required(`${path}.targetPortal`))
  if (!iqn) errors.push(required(`${path}.iqn`))
  else if (!/^(iqn|eui|naa)\./.test(iqn))
    errors.push(invalidValue(`${path}.iqn`, iqn, 'must be valid format'))
  if ((lun ?? 0) < 0 || (lun ?? 0) > 255) {
    errors.push(invalidValue(`${path}.lun`, lun, 'must be between 0 and 255, inclusive'))
  }
  if ((chapAuthDiscovery || chapAuthSession) && !secretRef) errors.push(required(`${path}.secretRef`))
  return errors
}

const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const

function validateCsi(source: NonNullable<PersistentVolumeSpec['csi']>, path: string): FieldError[] {
  const errors = validateDriverName(source.driver, `${path}.driver`)
  if (!source.volumeHandle) errors.push(required(`${path}.volumeHandle`))
  for (const name of csiSecrets) {
    const secret = source[name]
    if (!secret) continue
    const where = `${path}.${name}`
    if (!secret.name) errors.push(required(`${where}.name`))
    else errors.push(...invalidFor(`${where}.name`, secret.name, checkDns1123Subdomain(secret.name)))
    if (!secret.namespace) errors.push(required(`${where}.namespace`))
    else
      errors.push(...invalidFor(`${where}.namespace`, secret.namespace, checkDns1123Label(secret.namespace)))
  }
  return errors
}
