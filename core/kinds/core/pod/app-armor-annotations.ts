import type { AppArmorProfile, Container, PodSpec } from '../../../api/generated/core-v1.ts'
import type { ObjectMeta } from '../../../api/meta.ts'
import { deepEqual } from '../../validation/deep-equal.ts'
import { validateAppArmor } from './app-armor-validation.ts'
import { containersOf } from './windows-validation.ts'

/** Begins the annotation of a container, by its name. */
export const appArmorOfContainer = 'container.apparmor.security.beta.kubernetes.io/'
const localhost = 'localhost/'
const deprecated = 'deprecated since v1.30; use the "appArmorProfile" field instead'

interface Annotated {
  metadata?: Pick<Partial<ObjectMeta>, 'annotations'>
  spec: PodSpec
}

/** The profile that an annotation names (upstream: pkg/api/pod ApparmorFieldForAnnotation). */
function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  if (!annotation.startsWith(localhost) || annotation === localhost) return undefined
  return { type: 'Localhost', localhostProfile: annotation.slice(localhost.length) }
}

/** Containers that have an annotation and no field, each with what the annotation makes of the field. */
function annotated({
  metadata,
  spec,
}: Annotated): { container: Container; key: string; profile?: AppArmorProfile }[] {
  const { annotations } = metadata ?? {}
  if (!annotations || spec.os?.name === 'windows') return []
  return containersOf(spec, '').flatMap(({ container }) => {
    const key = appArmorOfContainer + container.name
    const annotation = annotations[key]
    if (annotation === undefined || container.securityContext?.appArmorProfile) return []
    const profile = profileOf(annotation)
    const isGood = profile && validateAppArmor(profile, '').length === 0
    return [{ container: container as Container, key, ...(isGood && { profile }) }]
  })
}

/**
 * Gives the containers of a new pod the profiles that its deprecated annotations name, and a warning of each that is not the pod's
 * own profile anyway (upstream: pod strategy applyAppArmorVersionSkew). The fields do not make annotations any more.
 */
export function applyAppArmorAnnotations(pod: Annotated, warn: (message: string) => void): void {
  const ofPod = pod.spec.securityContext?.appArmorProfile
  for (const { container, key, profile } of annotated(pod)) {
    if (profile && deepEqual(profile, ofPod)) continue
    if (profile) container.securityContext = { ...container.securityContext, appArmorProfile: profile }
    warn(`metadata.annotations[${key}]: ${deprecated}`)
  }
}

/** The same warnings for a template, which stays as it is; `path` is the template's (upstream: pkg/api/pod/warnings.go). */
export function warnOfAppArmor(template: Annotated, path: string): string[] {
  const ofPod = template.spec.securityContext?.appArmorProfile
  return annotated(template)
    .filter(({ profile }) => !ofPod || !deepEqual(profile, ofPod))
    .map(({ key }) => `${path}.metadata.annotations[${key}]: ${deprecated}`)
}
