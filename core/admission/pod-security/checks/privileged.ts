import { containersText, namesWhere, type Check, type PodCheck } from '../check.ts'

const checkPrivileged: PodCheck = (pod) => {
  const bad = namesWhere(pod, ({ securityContext }) => securityContext?.privileged === true)
  if (bad.length === 0) return undefined
  return {
    reason: 'privileged',
    detail: `${containersText(bad)} must not set securityContext.privileged=true`,
  }
}

/** No privileged containers (upstream: check_privileged.go). */
export const privileged: Check = {
  id: 'privileged',
  level: 'baseline',
  versions: [{ since: 0, check: checkPrivileged }],
}
