import type { PodSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, notSupported, required } from '../../../api/field-errors.ts'
import { containersOf } from './windows-validation.ts'

const known = ['linux', 'windows']

/** Fields of a container's security context that Windows does not have. */
const linuxOnly = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

/** The operating system of a pod, and that only what it understands is set (upstream: validation.go validateOS and its kin). */
export function validateOs(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return []
  const { name } = spec.os
  if (!name) return [required(`${path}.os.name`)]
  if (!known.includes(name)) return [notSupported(`${path}.os`, name, known)]
  return name === 'linux' ? validateLinux(spec, path) : validateWindows(spec, path)
}

function validateLinux(spec: PodSpec, path: string): FieldError[] {
  const contexts = [{ container: spec, path }, ...containersOf(spec, path)]
  return contexts
    .filter(({ container }) => container.securityContext?.windowsOptions)
    .map(({ path: where }) =>
      forbiddenField(
        `${where}.securityContext.windowsOptions`,
        'windows options cannot be set for a linux pod',
      ),
    )
}

function validateWindows(spec: PodSpec, path: string): FieldError[] {
  const { securityContext: context = {} } = spec
  const ofPod: [field: string, isSet: boolean][] = [
    ['securityContext.appArmorProfile', context.appArmorProfile !== undefined],
    ['securityContext.seLinuxOptions', context.seLinuxOptions !== undefined],
    ['hostUsers', spec.hostUsers !== undefined],
    ['hostPID', spec.hostPID === true],
    ['hostIPC', spec.hostIPC === true],
    ['securityContext.seccompProfile', context.seccompProfile !== undefined],
    ['securityContext.fsGroup', context.fsGroup !== undefined],
    ['securityContext.fsGroupChangePolicy', context.fsGroupChangePolicy !== undefined],
    ['securityContext.sysctls', (context.sysctls ?? []).length > 0],
    ['shareProcessNamespace', spec.shareProcessNamespace !== undefined],
    ['securityContext.runAsUser', context.runAsUser !== undefined],
    ['securityContext.runAsGroup', context.runAsGroup !== undefined],
    ['securityContext.supplementalGroups', context.supplementalGroups !== undefined],
    ['securityContext.supplementalGroupsPolicy', context.supplementalGroupsPolicy !== undefined],
    ['securityContext.seLinuxChangePolicy', context.seLinuxChangePolicy !== undefined],
  ]
  const set = ofPod.filter(([, isSet]) => isSet).map(([field]) => `${path}.${field}`)
  for (const { container, path: where } of containersOf(spec, path)) {
    for (const name of linuxOnly) {
      if (container.securityContext?.[name] !== undefined) set.push(`${where}.securityContext.${name}`)
    }
  }
  return set.map((field) => forbiddenField(field, 'cannot be set for a windows pod'))
}
