import type { HostPathVolumeSource, LocalVolumeSource } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { notSupported, required } from '../../../api/field-errors.ts'
import { validateNoBacksteps } from './file-paths.ts'

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

/** A path on the node (upstream: validation.go validateHostPathVolumeSource). */
export function validateHostPath(source: HostPathVolumeSource, path: string): FieldError[] {
  if (!source.path) return [required(`${path}.path`)]
  const errors = validateNoBacksteps(source.path, `${path}.path`)
  if (hostPathTypes.includes(source.type ?? '')) return errors
  return [...errors, notSupported(`${path}.type`, source.type, hostPathTypes)]
}

/** A disk or folder of one node (upstream: validateLocalVolumeSource). */
export function validateLocal(source: LocalVolumeSource, path: string): FieldError[] {
  return source.path ? validateNoBacksteps(source.path, `${path}.path`) : [required(`${path}.path`)]
}
