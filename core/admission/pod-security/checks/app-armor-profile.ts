import { plural, quoted, settersText, type Check, type PodCheck } from '../check.ts'

const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/'
const allowedTypes = ['RuntimeDefault', 'Localhost']

function isAllowedAnnotation(profile: string): boolean {
  return profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/')
}

function isForbidden(profile: { type: string } | undefined): profile is { type: string } {
  return profile !== undefined && !allowedTypes.includes(profile.type)
}

const check: PodCheck = ({ annotations, spec, containers }) => {
  const types = new Set<string>()
  const ofPod = spec.securityContext?.appArmorProfile
  if (isForbidden(ofPod)) types.add(ofPod.type)
  const bad: string[] = []
  for (const { name, securityContext } of containers) {
    const profile = securityContext?.appArmorProfile
    if (!isForbidden(profile)) continue
    bad.push(name)
    types.add(profile.type)
  }
  const texts = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(annotationPrefix) && !isAllowedAnnotation(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
  const setters = [settersText(isForbidden(ofPod), bad)].filter(Boolean)
  if (texts.length > 0) setters.push(plural(texts.length, 'annotation'))
  if (setters.length === 0) return undefined
  const values = [...[...types].sort(), ...texts]
  return {
    reason: plural(values.length, 'forbidden AppArmor profile'),
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  }
}

/** The default AppArmor profile is not switched off (upstream: check_appArmorProfile.go). */
export const appArmorProfile: Check = {
  id: 'appArmorProfile',
  level: 'baseline',
  versions: [{ since: 0, check }],
}
