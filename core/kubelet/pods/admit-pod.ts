import type { Pod } from '../../api/generated/core-v1.ts'
import type { MachineInfo } from '../runtime/runtime.ts'

/** Why a node refuses a pod that was bound to it: reason and message of the pod's final status. */
export interface Refusal {
  reason: string
  message: string
}

/** Kernel parameters that affect nobody but the pod (upstream: kubelet/sysctl safe set). */
const safeSysctls = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
])

/** The pod's kernel parameters with dots between the parts of their names, as the kernel's interface has them. */
export function podSysctls(pod: Pod): Record<string, string> {
  const sysctls = pod.spec.securityContext?.sysctls ?? []
  return Object.fromEntries(sysctls.map(({ name, value }) => [dotted(name), value]))
}

/** `net/ipv4/x` is another way to write `net.ipv4.x`. */
function dotted(name: string): string {
  const separator = /[./]/.exec(name)?.[0]
  return separator === '/' ? name.replace(/[./]/g, (mark) => (mark === '/' ? '.' : '/')) : name
}

/**
 * Whether the node may run the pod, decided once before anything of it exists (upstream: kubelet admit handlers). Undefined
 * when it may.
 */
export function admitPod(
  pod: Pod,
  node: Pick<MachineInfo, 'security'> & { allowedUnsafeSysctls: readonly string[] },
): Refusal | undefined {
  return refuseSysctls(pod, node.allowedUnsafeSysctls) ?? refuseSecurity(pod, node)
}

/** Which of the pod's namespaces a parameter belongs to (upstream: kubelet/sysctl namespaces.go). */
function namespaceOf(name: string): 'ipc' | 'net' {
  return name.startsWith('net.') ? 'net' : 'ipc'
}

function isAllowed(name: string, allowed: readonly string[]): boolean {
  if (safeSysctls.has(name)) return true
  return allowed
    .map(dotted)
    .some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : one === name))
}

function refuseSysctls(pod: Pod, allowed: readonly string[]): Refusal | undefined {
  const { hostNetwork, hostIPC } = pod.spec
  const reason = 'SysctlForbidden'
  for (const name of Object.keys(podSysctls(pod))) {
    const namespace = namespaceOf(name)
    if (!isAllowed(name, allowed)) return { reason, message: `forbidden sysctl: "${name}" not allowlisted` }
    if (namespace === 'net' && hostNetwork) {
      return { reason, message: `forbidden sysctl: "${name}" not allowed with host net enabled` }
    }
    if (namespace === 'ipc' && hostIPC) {
      return { reason, message: `forbidden sysctl: "${name}" not allowed with host ipc enabled` }
    }
  }
  return undefined
}

function refuseSecurity(pod: Pod, { security }: Pick<MachineInfo, 'security'>): Refusal | undefined {
  const { securityContext, initContainers = [], containers } = pod.spec
  const all = [...initContainers, ...containers]
  const profiles = [securityContext, ...all.map((container) => container.securityContext)].flatMap(
    (context) => context?.appArmorProfile ?? [],
  )
  if (security && !security.appArmor && profiles.some(({ type }) => type !== 'Unconfined')) {
    const message = 'Cannot enforce AppArmor: AppArmor is not enabled on the host'
    return { reason: 'AppArmor', message }
  }
  return undefined
}
