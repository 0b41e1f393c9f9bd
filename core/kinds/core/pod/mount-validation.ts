import type { Container, Volume, VolumeMount } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  forbiddenField,
  invalidValue,
  notFoundValue,
  notSupported,
  required,
} from '../../../api/field-errors.ts'
import { validateLocalPath, validateNoBacksteps } from '../volumes/file-paths.ts'

const propagations = ['Bidirectional', 'HostToContainer', 'None']
const recursions = ['Disabled', 'Enabled', 'IfPossible']

/**
 * Where a container has its volumes (upstream: pkg/apis/core/validation/validation.go ValidateVolumeMounts). What is wrong
 * with an option of a mount is told of the list, not of the item, as upstream.
 */
export function validateMounts(
  container: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: string,
): FieldError[] {
  const places = new Set<string>()
  return (container.volumeMounts ?? []).flatMap((mount, at) => {
    const where = `${path}[${at}]`
    const errors: FieldError[] = []
    const { name = '', mountPath = '', subPath, subPathExpr } = mount
    if (!name) errors.push(required(`${where}.name`))
    if (!volumes.has(name)) errors.push(notFoundValue(`${where}.name`, name))
    if (!mountPath) errors.push(required(`${where}.mountPath`))
    if (places.has(mountPath)) errors.push(invalidValue(`${where}.mountPath`, mountPath, 'must be unique'))
    places.add(mountPath)
    for (const device of container.volumeDevices ?? []) {
      if (device.name === name) {
        errors.push(invalidValue(`${where}.name`, name, 'must not already exist in volumeDevices'))
      }
      if (device.devicePath === mountPath) {
        const why = 'must not already exist as a path in volumeDevices'
        errors.push(invalidValue(`${where}.mountPath`, mountPath, why))
      }
    }
    if (subPath) errors.push(...validateLocalPath(subPath, `${path}.subPath`))
    if (subPath && subPathExpr) {
      const why = 'subPathExpr and subPath are mutually exclusive'
      errors.push(invalidValue(`${where}.subPathExpr`, subPathExpr, why))
    }
    if (subPathExpr) errors.push(...validateLocalPath(subPathExpr, `${path}.subPathExpr`))
    return [...errors, ...validateMountOptions(mount, container, path)]
  })
}

function validateMountOptions(mount: VolumeMount, container: Container, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { mountPropagation, recursiveReadOnly } = mount
  if (mountPropagation !== undefined) {
    const where = `${path}.mountPropagation`
    if (!propagations.includes(mountPropagation)) {
      errors.push(notSupported(where, mountPropagation, propagations))
    } else if (mountPropagation === 'Bidirectional' && !container.securityContext?.privileged) {
      const why = 'Bidirectional mount propagation is available only to privileged containers'
      errors.push(forbiddenField(where, why))
    }
  }
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return errors
  const where = `${path}.recursiveReadOnly`
  if (!recursions.includes(recursiveReadOnly)) {
    return [...errors, notSupported(where, recursiveReadOnly, recursions)]
  }
  if (!mount.readOnly) errors.push(forbiddenField(where, 'may only be specified when readOnly is true'))
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    const why = 'may only be specified when mountPropagation is None or not specified'
    errors.push(forbiddenField(where, why))
  }
  return errors
}

/** Volumes that a container has as block devices (upstream: ValidateVolumeDevices). */
export function validateDevices(
  container: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: string,
): FieldError[] {
  const { volumeDevices = [], volumeMounts = [] } = container
  const names = new Set<string>()
  const places = new Set<string>()
  const mounted = new Set(volumeMounts.map(({ name }) => name))
  const mountPaths = new Set(volumeMounts.map(({ mountPath }) => mountPath))
  return volumeDevices.flatMap(({ name = '', devicePath = '' }, at) => {
    const where = `${path}[${at}]`
    const errors: FieldError[] = []
    const wrongName = (why: string): unknown => errors.push(invalidValue(`${where}.name`, name, why))
    const wrongPath = (why: string): unknown =>
      errors.push(invalidValue(`${where}.devicePath`, devicePath, why))
    const volume = volumes.get(name)
    if (!name) errors.push(required(`${where}.name`))
    if (names.has(name)) wrongName('must be unique')
    if (name) names.add(name)
    if (!volume) errors.push(notFoundValue(`${where}.name`, name))
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      wrongName('can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode')
    }
    if (!devicePath) errors.push(required(`${where}.devicePath`))
    if (places.has(devicePath)) wrongPath('must be unique')
    if (validateNoBacksteps(devicePath, where).length > 0) wrongPath("can not contain backsteps ('..')")
    else places.add(devicePath)
    if (mounted.has(name)) wrongName('must not already exist in volumeMounts')
    if (mountPaths.has(devicePath)) {
      wrongPath('must not already exist as a path in volumeMounts')
    }
    return errors
  })
}
