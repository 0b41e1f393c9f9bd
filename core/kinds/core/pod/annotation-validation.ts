import type { AppArmorProfile, PodSpec, SeccompProfile } from '../../../api/generated/core-v1.ts'
import type { ObjectMeta } from '../../../api/meta.ts'
import { mirrorAnnotation } from '../../../api/static-pod.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidValue } from '../../../api/field-errors.ts'
import { validateLocalPath } from '../volumes/file-paths.ts'
import { appArmorOfContainer } from './app-armor-annotations.ts'
import { containersOf } from './windows-validation.ts'

type Annotated = Pick<Partial<ObjectMeta>, 'annotations'>

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/'
const localhost = 'localhost/'
const [minInt32, maxInt32] = [-(2 ** 31), 2 ** 31 - 1]

/** Annotations that mean something to a pod (upstream: validation.go ValidatePodSpecificAnnotations). */
export function validatePodAnnotations(
  { annotations = {} }: Annotated,
  spec: PodSpec,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  const mirror = annotations[mirrorAnnotation]
  if (mirror !== undefined && !spec.nodeName) {
    const why = 'must set spec.nodeName if mirror pod annotation is set'
    errors.push(invalidValue(`${path}[${mirrorAnnotation}]`, mirror, why))
  }
  const cost = annotations[deletionCost]
  if (cost !== undefined && !isInt32(cost)) {
    errors.push(invalidValue(`${path}[${deletionCost}]`, cost, 'must be a 32bit integer'))
  }
  const names = new Set(containersOf(spec, '').map(({ container }) => container.name))
  for (const [key, value] of Object.entries(annotations)) {
    if (key === seccompOfPod || key.startsWith(seccompOfContainer)) {
      errors.push(...validateSeccompName(value, `${path}.${key}`))
    } else if (key.startsWith(appArmorOfContainer)) {
      const name = key.slice(appArmorOfContainer.length)
      const where = `${path}[${key}]`
      if (!names.has(name)) errors.push(invalidValue(where, name, 'container not found'))
      if (!isAppArmorName(value)) {
        errors.push(invalidValue(where, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`))
      }
    }
  }
  return errors
}

/** A whole number without plus sign or leading zeros. */
function isInt32(text: string): boolean {
  return /^(0|-?[1-9]\d*)$/.test(text) && Number(text) >= minInt32 && Number(text) <= maxInt32
}

function validateSeccompName(name: string, path: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(name)) return []
  if (name.startsWith(localhost)) return validateLocalPath(name.slice(localhost.length), path)
  return [invalidValue(path, name, 'must be a valid seccomp profile')]
}

function isAppArmorName(name: string): boolean {
  return ['', 'runtime/default', 'unconfined'].includes(name) || name.startsWith(localhost)
}

/** Annotations of a pod that are settled once it exists (upstream: ValidatePodSpecificAnnotationUpdates). */
export function validateAnnotationUpdate(
  { annotations = {} }: Annotated,
  { annotations: old = {} }: Annotated,
  path: string,
): FieldError[] {
  const settled = (key: string): string | undefined => {
    if (key === mirrorAnnotation) return 'mirror pod annotation'
    return key.startsWith(appArmorOfContainer) ? 'AppArmor annotations' : undefined
  }
  const changed = Object.keys(old).filter((key) => annotations[key] !== old[key])
  const added = Object.keys(annotations).filter((key) => old[key] === undefined)
  const refuse = (keys: string[], what: string): FieldError[] =>
    keys.flatMap((key) => {
      const name = settled(key)
      return name ? [forbiddenField(`${path}[${key}]`, `may not ${what} ${name}`)] : []
    })
  return [...refuse(changed, 'remove or update'), ...refuse(added, 'add')]
}

/** A profile that is named by an annotation and by a field is the same one (upstream: validateSeccompAnnotationsAndFields). */
export function validateProfilesMatch(
  { annotations = {} }: Annotated,
  spec: PodSpec,
  path: string,
): FieldError[] {
  const { seccompProfile, appArmorProfile } = spec.securityContext ?? {}
  const seccomp = (key: string, profile: SeccompProfile | undefined, where: string): FieldError[] =>
    validateMatch('seccomp', { annotation: annotations[key], profile, path: `${where}.seccompProfile` })
  const containers = containersOf(spec, path)
  const errors = [
    ...seccomp(seccompOfPod, seccompProfile, `${path}.securityContext`),
    ...containers.flatMap(({ container: { name, securityContext }, path: where }) =>
      seccomp(`${seccompOfContainer}${name}`, securityContext?.seccompProfile, `${where}.securityContext`),
    ),
  ]
  if (spec.os?.name === 'windows') return errors
  for (const { container, path: where } of containers) {
    const annotation = annotations[`${appArmorOfContainer}${container.name}`]
    const profile = container.securityContext?.appArmorProfile ?? appArmorProfile
    const at = `${where}.securityContext.appArmorProfile`
    errors.push(...validateMatch('apparmor', { annotation, profile, path: at }))
  }
  return errors
}

interface Named {
  annotation: string | undefined
  profile: SeccompProfile | AppArmorProfile | undefined
  path: string
}

function validateMatch(what: 'seccomp' | 'apparmor', { annotation, profile, path }: Named): FieldError[] {
  if (annotation === undefined || !profile) return []
  const runtime = what === 'seccomp' ? ['runtime/default', 'docker/default'] : ['runtime/default']
  const names: Record<string, string[]> = { Unconfined: ['unconfined'], RuntimeDefault: runtime }
  const differs = forbiddenField(`${path}.type`, `${what} type in annotation and field must match`)
  if (profile.type !== 'Localhost') {
    const fitting = names[profile.type]
    return !fitting || fitting.includes(annotation) ? [] : [differs]
  }
  if (!annotation.startsWith(localhost)) return [differs]
  if (annotation.slice(localhost.length) === profile.localhostProfile) return []
  const why = `${what} profile in annotation and field must match`
  return [forbiddenField(`${path}.localhostProfile`, why)]
}
