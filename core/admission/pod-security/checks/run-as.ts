import {
  containersText,
  exceptInUserNamespace,
  namesWhere,
  settersText,
  type Check,
  type PodCheck,
} from '../check.ts'

const nonRoot: PodCheck = (pod) => {
  const reason = 'runAsNonRoot != true'
  const ofPod = pod.spec.securityContext?.runAsNonRoot
  const explicit = namesWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false)
  const setters = settersText(ofPod === false, explicit)
  if (setters) return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` }
  if (ofPod) return undefined
  const silent = namesWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined)
  if (silent.length === 0) return undefined
  return { reason, detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` }
}

/** Images that run as root are refused (upstream: check_runAsNonRoot.go). */
export const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    { since: 0, check: nonRoot },
    { since: 35, check: exceptInUserNamespace(nonRoot) },
  ],
}

const notUserZero: PodCheck = (pod) => {
  const bad = namesWhere(pod, ({ securityContext }) => securityContext?.runAsUser === 0)
  const setters = settersText(pod.spec.securityContext?.runAsUser === 0, bad)
  return setters ? { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` } : undefined
}

/** Nobody asks to be root by number (upstream: check_runAsUser.go). */
export const runAsUser: Check = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    { since: 23, check: notUserZero },
    { since: 35, check: exceptInUserNamespace(notUserZero) },
  ],
}
