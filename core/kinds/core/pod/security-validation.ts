import type {
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { validateLocalPath } from '../volumes/file-paths.ts'
import { validateAppArmor } from './app-armor-validation.ts'
import { validateSysctls } from './sysctl-validation.ts'
import { validateWindowsOptions } from './windows-validation.ts'

const maxId = 2 ** 31 - 1
const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']
const procMounts = ['Default', 'Unmasked']
const groupChanges = ['Always', 'OnRootMismatch']
const groupPolicies = ['Merge', 'Strict']
/** Without SELinuxMount, which is off by default. */
const labelChanges = ['Recursive']

/** A container's security context (upstream: validation.go ValidateSecurityContext). */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  hostUsers: boolean,
  path: string,
): FieldError[] {
  if (!context) return []
  const { procMount } = context
  const errors = [
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...validateMember(procMount, procMounts, `${path}.procMount`),
  ]
  if (hostUsers && procMount === 'Unmasked') {
    errors.push(invalidValue(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  return [
    ...errors,
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateEscalation(context, path),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ]
}

/** Who may not gain privileges cannot have them all from the start. */
function validateEscalation(context: SecurityContext, path: string): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return []
  const refuse = (what: string): FieldError =>
    invalidValue(path, shownContext(context), `cannot set \`allowPrivilegeEscalation\` to false and ${what}`)
  const added = (context.capabilities?.add ?? []).filter((name) => name === 'CAP_SYS_ADMIN')
  return [
    ...(context.privileged ? [refuse('`privileged` to true')] : []),
    ...added.map(() => refuse('`capabilities.Add` CAP_SYS_ADMIN')),
  ]
}

/** The context as upstream's messages show it: a Go structure. */
function shownContext(context: SecurityContext): unknown {
  const { capabilities, seLinuxOptions, windowsOptions, seccompProfile, appArmorProfile } = context
  return {
    Capabilities: capabilities ? { Add: capabilities.add ?? null, Drop: capabilities.drop ?? null } : null,
    Privileged: context.privileged ?? null,
    SELinuxOptions: inGo(seLinuxOptions),
    WindowsOptions: inGo(windowsOptions),
    RunAsUser: context.runAsUser ?? null,
    RunAsGroup: context.runAsGroup ?? null,
    RunAsNonRoot: context.runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
    ProcMount: context.procMount ?? null,
    SeccompProfile: inGo(seccompProfile),
    AppArmorProfile: inGo(appArmorProfile),
  }
}

function inGo(value: object | undefined): unknown {
  if (!value) return null
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name[0]!.toUpperCase() + name.slice(1),
      member as unknown,
    ]),
  )
}

/** A pod's security context (upstream: validation.go validatePodSpecSecurityContext). */
export function validatePodSecurityContext(spec: PodSpec, path: string): FieldError[] {
  const context: PodSecurityContext = spec.securityContext ?? {}
  const errors = [
    ...validateId(context.fsGroup, `${path}.fsGroup`),
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...(context.supplementalGroups ?? []).flatMap((group, at) =>
      validateId(group, `${path}.supplementalGroups[${at}]`),
    ),
  ]
  if (spec.hostPID && spec.shareProcessNamespace) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled'
    errors.push(invalidValue(`${path}.shareProcessNamespace`, spec.shareProcessNamespace, why))
  }
  return [
    ...errors,
    ...validateSysctls(spec, `${path}.sysctls`),
    ...validateMember(context.fsGroupChangePolicy, groupChanges, `${path}.fsGroupChangePolicy`),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...validateMember(context.supplementalGroupsPolicy, groupPolicies, `${path}.supplementalGroupsPolicy`),
    ...validateMember(context.seLinuxChangePolicy, labelChanges, `${path}.seLinuxChangePolicy`),
  ]
}

/** Which system calls are allowed (upstream: validateSeccompProfileField). */
function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  const errors: FieldError[] = []
  if (!type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'))
  else errors.push(...validateMember(type, profileTypes, `${path}.type`))
  const where = `${path}.localhostProfile`
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return errors
    const shown = { Type: type ?? '', LocalhostProfile: localhostProfile }
    return [...errors, invalidValue(where, shown, 'can only be set when seccomp type is Localhost')]
  }
  if (localhostProfile !== undefined) return [...errors, ...validateLocalPath(localhostProfile, where)]
  return [...errors, required(where, 'must be set when seccomp type is Localhost')]
}

/** An optional value of an enumeration. */
function validateMember(value: string | undefined, all: string[], path: string): FieldError[] {
  return value === undefined || all.includes(value) ? [] : [notSupported(path, value, all)]
}

/** The number of a user or group. */
export function validateId(id: number | undefined, path: string): FieldError[] {
  if (id === undefined || (id >= 0 && id <= maxId)) return []
  return [invalidValue(path, id, `must be between 0 and ${maxId}, inclusive`)]
}
