import {
  containersText,
  exceptInUserNamespace,
  namesWhere,
  quotedSet,
  type Check,
  type PodCheck,
} from '../check.ts'

const check: PodCheck = (pod) => {
  const types: string[] = []
  const bad = namesWhere(pod, ({ securityContext }) => {
    const { procMount } = securityContext ?? {}
    if (procMount === undefined || procMount === 'Default') return false
    types.push(procMount)
    return true
  })
  if (bad.length === 0) return undefined
  return {
    reason: 'procMount',
    detail: `${containersText(bad)} must not set securityContext.procMount to ${quotedSet(types)}`,
  }
}

/** What /proc hides stays hidden (upstream: check_procMount_baseline.go). */
export const procMountBaseline: Check = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    { since: 0, check },
    { since: 35, check: exceptInUserNamespace(check) },
  ],
}

/** The same without the exception for user namespaces (upstream: check_procMount_restricted.go). */
export const procMountRestricted: Check = {
  id: 'procMount_restricted',
  level: 'restricted',
  versions: [{ since: 35, check, overrides: procMountBaseline.id }],
}
