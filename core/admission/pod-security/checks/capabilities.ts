import {
  containersText,
  exceptOnWindows,
  namesWhere,
  quotedSet,
  type Check,
  type PodCheck,
} from '../check.ts'

const defaultSet = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** Which containers add capabilities beyond the allowed ones, as a message says it; undefined when none does. */
function addingText(
  isAllowed: (capability: string) => boolean,
): (pod: Parameters<PodCheck>[0]) => string | undefined {
  return (pod) => {
    const added: string[] = []
    const bad = namesWhere(pod, ({ securityContext }) => {
      const forbidden = (securityContext?.capabilities?.add ?? []).filter((name) => !isAllowed(name))
      added.push(...forbidden)
      return forbidden.length > 0
    })
    if (bad.length === 0) return undefined
    return `${containersText(bad)} must not include ${quotedSet(added)} in securityContext.capabilities.add`
  }
}

const addsBeyondDefault = addingText((name) => defaultSet.has(name))
const addsBeyondBinding = addingText((name) => name === 'NET_BIND_SERVICE')

const checkCapabilitiesBaseline: PodCheck = (pod) => {
  const detail = addsBeyondDefault(pod)
  return detail === undefined ? undefined : { reason: 'non-default capabilities', detail }
}

/** No capabilities beyond the usual set (upstream: check_capabilities_baseline.go). */
export const capabilitiesBaseline: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [{ since: 0, check: checkCapabilitiesBaseline }],
}

const restricted: PodCheck = (pod) => {
  const keeping = namesWhere(
    pod,
    ({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes('ALL'),
  )
  const details = [
    keeping.length > 0 && `${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`,
    addsBeyondBinding(pod),
  ].filter((text) => typeof text === 'string')
  return details.length === 0
    ? undefined
    : { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

/** All capabilities are dropped; ports below 1024 may be bound (upstream: check_capabilities_restricted.go). */
export const capabilitiesRestricted: Check = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { since: 22, check: restricted, overrides: capabilitiesBaseline.id },
    { since: 25, check: exceptOnWindows(restricted), overrides: capabilitiesBaseline.id },
  ],
}
