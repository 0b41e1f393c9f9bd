import type { Check, PodCheck } from '../check.ts'

const since0 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
]
const since27 = [...since0, 'net.ipv4.ip_local_reserved_ports']
const since29 = [
  ...since27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]
const since32 = [...since29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']

function onlyThese(allowed: string[]): PodCheck {
  return ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).filter(({ name }) => !allowed.includes(name))
    if (bad.length === 0) return undefined
    return { reason: 'forbidden sysctls', detail: bad.map(({ name }) => name).join(', ') }
  }
}

/** Only kernel parameters that end at the pod (upstream: check_sysctls.go). */
export const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  versions: [
    { since: 0, check: onlyThese(since0) },
    { since: 27, check: onlyThese(since27) },
    { since: 29, check: onlyThese(since29) },
    { since: 32, check: onlyThese(since32) },
  ],
}
