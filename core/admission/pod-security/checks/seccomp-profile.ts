import {
  containersText,
  exceptOnWindows,
  namesWhere,
  plural,
  quotedSet,
  settersText,
  type Check,
  type PodCheck,
  type PodFacts,
  type Violation,
} from '../check.ts'

const reason = 'seccompProfile'
const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod'
const containerAnnotation = 'container.seccomp.security.alpha.kubernetes.io/'

function isAllowedAnnotation(profile: string): boolean {
  return ['runtime/default', 'docker/default'].includes(profile) || profile.startsWith('localhost/')
}

/** Before release 1.19 profiles were named by annotations. */
const byAnnotation: PodCheck = ({ annotations, containers }) => {
  const keys = [podAnnotation, ...containers.map(({ name }) => containerAnnotation + name)]
  const forbidden = new Set<string>()
  for (const key of keys) {
    const value = annotations[key]
    if (value !== undefined && !isAllowedAnnotation(value)) forbidden.add(`${key}=${JSON.stringify(value)}`)
  }
  if (forbidden.size === 0) return undefined
  const texts = [...forbidden].sort().join(', ')
  return { reason, detail: `forbidden ${plural(forbidden.size, 'annotation')} ${texts}` }
}

function isAllowedType(type: string): boolean {
  return type === 'Localhost' || type === 'RuntimeDefault'
}

const byField = (pod: PodFacts): Violation | undefined => {
  const values: string[] = []
  const isBad = (type: string | undefined): boolean => {
    if (type === undefined || isAllowedType(type)) return false
    values.push(type)
    return true
  }
  const isPodBad = isBad(pod.spec.securityContext?.seccompProfile?.type)
  const bad = namesWhere(pod, ({ securityContext }) => isBad(securityContext?.seccompProfile?.type))
  const setters = settersText(isPodBad, bad)
  if (!setters) return undefined
  return {
    reason,
    detail: `${setters} must not set securityContext.seccompProfile.type to ${quotedSet(values)}`,
  }
}

/** System calls are filtered at least as by default (upstream: check_seccompProfile_baseline.go). */
export const seccompBaseline: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check: byAnnotation },
    { since: 19, check: byField },
  ],
}

const mustBeSet: PodCheck = (pod) => {
  const forbidden = byField(pod)
  if (forbidden) return forbidden
  if (pod.spec.securityContext?.seccompProfile) return undefined
  const silent = namesWhere(pod, ({ securityContext }) => !securityContext?.seccompProfile)
  if (silent.length === 0) return undefined
  return {
    reason,
    detail: `pod or ${containersText(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  }
}

/** A profile is named, and it is one of those (upstream: check_seccompProfile_restricted.go). */
export const seccompRestricted: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, check: mustBeSet, overrides: seccompBaseline.id },
    { since: 25, check: exceptOnWindows(mustBeSet), overrides: seccompBaseline.id },
  ],
}
