import { containersText, exceptOnWindows, namesWhere, type Check, type PodCheck } from '../check.ts'

const check: PodCheck = (pod) => {
  const bad = namesWhere(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
  if (bad.length === 0) return undefined
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  }
}

/** No process may gain more rights than its parent (upstream: check_allowPrivilegeEscalation.go). */
export const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    { since: 8, check },
    { since: 25, check: exceptOnWindows(check) },
  ],
}
