import type {
  DownwardAPIVolumeFile,
  HostPathVolumeSource,
  KeyToPath,
  NFSVolumeSource,
  Volume,
  VolumeProjection,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  duplicate,
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-errors.ts'
import { checkDns1123Label } from '../../validation/formats.ts'
import { validateFieldRef, validateResourceField } from './env-validation.ts'
import { validateQuantity } from './resources-validation.ts'

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]
const downwardPaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]

/** Volumes of a pod (upstream: pkg/apis/core/validation/validation.go ValidateVolumes). */
export function validateVolumes(volumes: Volume[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return (volumes ?? []).flatMap((volume, at) => {
    const where = `${path}[${at}]`
    const errors = validateSource(volume, where)
    if (!volume.name) errors.push(required(`${where}.name`))
    else {
      errors.push(...invalidFor(`${where}.name`, volume.name, checkDns1123Label(volume.name)))
      if (names.has(volume.name)) errors.push(duplicate(`${where}.name`, volume.name))
    }
    names.add(volume.name)
    return errors
  })
}

function validateSource(volume: Volume, path: string): FieldError[] {
  const given = Object.keys(volume).filter((key) => key !== 'name' && volume[key as keyof Volume])
  if (given.length === 0) return [required(path, 'must specify a volume type')]
  const errors = given
    .slice(1)
    .map((name) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 volume type'))
  const { emptyDir, hostPath, configMap, secret, downwardAPI, projected, persistentVolumeClaim, nfs } = volume
  if (emptyDir?.sizeLimit !== undefined) {
    errors.push(...validateQuantity(emptyDir.sizeLimit, `${path}.emptyDir.sizeLimit`))
  }
  if (hostPath) errors.push(...validateHostPath(hostPath, `${path}.hostPath`))
  if (configMap) {
    if (!configMap.name) errors.push(required(`${path}.configMap.name`))
    errors.push(...validateItems(configMap, `${path}.configMap`))
  }
  if (secret) {
    if (!secret.secretName) errors.push(required(`${path}.secret.secretName`))
    errors.push(...validateItems(secret, `${path}.secret`))
  }
  if (downwardAPI) {
    errors.push(...validateMode(downwardAPI.defaultMode, `${path}.downwardAPI.defaultMode`))
    errors.push(...validateDownwardFiles(downwardAPI.items, `${path}.downwardAPI.items`))
  }
  if (projected) {
    errors.push(...validateMode(projected.defaultMode, `${path}.projected.defaultMode`))
    for (const [at, source] of (projected.sources ?? []).entries()) {
      errors.push(...validateProjection(source, `${path}.projected.sources[${at}]`))
    }
  }
  if (persistentVolumeClaim && !persistentVolumeClaim.claimName) {
    errors.push(required(`${path}.persistentVolumeClaim.claimName`))
  }
  if (nfs) errors.push(...validateNfs(nfs, `${path}.nfs`))
  return errors
}

/** A path on the node. */
export function validateHostPath(source: HostPathVolumeSource, path: string): FieldError[] {
  const errors = source.path ? validateNoBacksteps(source.path, `${path}.path`) : [required(`${path}.path`)]
  if (!hostPathTypes.includes(source.type ?? '')) {
    errors.push(notSupported(`${path}.type`, source.type, hostPathTypes))
  }
  return errors
}

/** An export of an NFS server. */
export function validateNfs(source: NFSVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!source.server) errors.push(required(`${path}.server`))
  if (!source.path) errors.push(required(`${path}.path`))
  else if (!source.path.startsWith('/')) {
    errors.push(invalidValue(`${path}.path`, source.path, 'must be an absolute path'))
  }
  return errors
}

function validateProjection(source: VolumeProjection, path: string): FieldError[] {
  const given = Object.keys(source)
  const errors = given
    .slice(1)
    .map((name) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 volume type per source'))
  const { configMap, secret, downwardAPI, serviceAccountToken } = source
  if (configMap) {
    if (!configMap.name) errors.push(required(`${path}.configMap.name`))
    errors.push(...validateItems(configMap, `${path}.configMap`))
  }
  if (secret) {
    if (!secret.name) errors.push(required(`${path}.secret.name`))
    errors.push(...validateItems(secret, `${path}.secret`))
  }
  if (downwardAPI) errors.push(...validateDownwardFiles(downwardAPI.items, `${path}.downwardAPI.items`))
  if (serviceAccountToken) {
    const where = `${path}.serviceAccountToken`
    const seconds = serviceAccountToken.expirationSeconds ?? 3600
    if (seconds < 600) {
      errors.push(
        invalidValue(
          `${where}.expirationSeconds`,
          seconds,
          'may not specify a duration less than 10 minutes',
        ),
      )
    } else if (seconds > 2 ** 32) {
      errors.push(
        invalidValue(
          `${where}.expirationSeconds`,
          seconds,
          'may not specify a duration larger than 2^32 seconds',
        ),
      )
    }
    errors.push(...validateFilePath(serviceAccountToken.path, `${where}.path`))
  }
  return errors
}

function validateItems(source: { items?: KeyToPath[]; defaultMode?: number }, path: string): FieldError[] {
  return [
    ...validateMode(source.defaultMode, `${path}.defaultMode`),
    ...(source.items ?? []).flatMap((item, at) => {
      const where = `${path}.items[${at}]`
      return [
        ...(item.key ? [] : [required(`${where}.key`)]),
        ...validateFilePath(item.path, `${where}.path`),
        ...validateMode(item.mode, `${where}.mode`),
      ]
    }),
  ]
}

function validateDownwardFiles(files: DownwardAPIVolumeFile[] | undefined, path: string): FieldError[] {
  return (files ?? []).flatMap((file) => {
    const errors = validateFilePath(file.path, `${path}.path`)
    if (file.fieldRef) errors.push(...validateFieldRef(file.fieldRef, `${path}.fieldRef`, downwardPaths))
    else if (file.resourceFieldRef) {
      errors.push(...validateResourceField(file.resourceFieldRef.resource, `${path}.resourceFieldRef`))
    } else errors.push(required(`${path}.fieldRef`, 'one of fieldRef and resourceFieldRef is required'))
    return [...errors, ...validateMode(file.mode, `${path}.mode`)]
  })
}

function validateMode(mode: number | undefined, path: string): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

/** A relative path that stays inside its folder and does not begin with `..`. */
function validateFilePath(value: string | undefined, path: string): FieldError[] {
  if (!value) return [required(path)]
  const errors = validateLocalPath(value, path)
  if (value.startsWith('..') && !value.startsWith('../') && value !== '..') {
    errors.push(invalidValue(path, value, "must not start with '..'"))
  }
  return errors
}

/** A relative path without `..`. */
export function validateLocalPath(value: string, path: string): FieldError[] {
  const errors = validateNoBacksteps(value, path)
  return value.startsWith('/') ? [invalidValue(path, value, 'must be a relative path'), ...errors] : errors
}

/** A path without `..`. */
export function validateNoBacksteps(value: string, path: string): FieldError[] {
  return value.split('/').includes('..') ? [invalidValue(path, value, "must not contain '..'")] : []
}
