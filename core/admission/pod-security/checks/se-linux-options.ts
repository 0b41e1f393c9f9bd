import type { SELinuxOptions } from '../../../api/generated/core-v1.ts'
import { namesWhere, plural, quotedSet, settersText, type Check, type PodCheck } from '../check.ts'

const since0 = ['', 'container_t', 'container_init_t', 'container_kvm_t']

function seLinuxCheck(allowedTypes: string[]): PodCheck {
  return (pod) => {
    const types = new Set<string>()
    const fields = new Set<string>()
    const isBad = (options: SELinuxOptions | undefined): boolean => {
      const { type = '', user = '', role = '' } = options ?? {}
      const isBadType = !allowedTypes.includes(type)
      if (isBadType) types.add(type)
      if (user) fields.add('user')
      if (role) fields.add('role')
      return isBadType || user !== '' || role !== ''
    }
    const isPodBad = isBad(pod.spec.securityContext?.seLinuxOptions)
    const bad = namesWhere(pod, ({ securityContext }) => isBad(securityContext?.seLinuxOptions))
    const setters = settersText(isPodBad, bad)
    if (!setters) return undefined
    const data = [
      ...(types.size > 0 ? [`${plural(types.size, 'type')} ${quotedSet(types)}`] : []),
      ...['user', 'role'].filter((field) => fields.has(field)).map((field) => `${field} may not be set`),
    ]
    return {
      reason: 'seLinuxOptions',
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`,
    }
  }
}

/** No SELinux user or role, and only the types meant for containers (upstream: check_seLinuxOptions.go). */
export const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { since: 0, check: seLinuxCheck(since0) },
    { since: 31, check: seLinuxCheck([...since0, 'container_engine_t']) },
  ],
}
