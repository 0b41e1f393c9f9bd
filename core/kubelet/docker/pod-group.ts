import type { PodResources } from '../runtime/specs.ts'
import type { CgroupLayout } from './cgroup-layout.ts'
import { quote } from './node-agent-scripts.ts'

/**
 * The control group that holds a pod's containers, as the engine takes it for a parent: beside the containers that have none.
 * Undefined where the engine has no control groups (rootless).
 */
export function podGroup(driver: string | undefined, uid: string): string | undefined {
  if (driver === 'cgroupfs') return `/docker/pod${uid}`
  // A dash in its name would make it a slice within another.
  if (driver === 'systemd') return `system-pod${uid.replaceAll('-', '_')}.slice`
  return undefined
}

/** Shell script that sets what a group's members may use together; fails where the kernel refuses. */
export function limitGroupScript(layout: CgroupLayout, group: string, resources: PodResources): string {
  const { cpuShares = 2, cpuQuota, memoryLimitBytes, pidsLimit } = resources
  const { cpu, memory, pids } = layout.group(group)
  const set = (directory: string, file: string, value: number | string): string =>
    `echo ${value} > ${quote(`${directory}/${file}`)}`
  if (layout.version === 2) {
    const weight = Math.floor(1 + ((Math.max(2, cpuShares) - 2) * 9999) / 262142)
    return [
      'set -e',
      set(cpu, 'cpu.weight', weight),
      set(cpu, 'cpu.max', cpuQuota ? `'${cpuQuota.quota} ${cpuQuota.period}'` : "'max 100000'"),
      set(memory, 'memory.max', memoryLimitBytes ?? 'max'),
      set(pids, 'pids.max', pidsLimit ?? 'max'),
    ].join('\n')
  }
  const limit = set(memory, 'memory.limit_in_bytes', memoryLimitBytes ?? -1)
  const withSwap = quote(`${memory}/memory.memsw.limit_in_bytes`)
  return [
    'set -e',
    set(cpu, 'cpu.shares', Math.max(2, cpuShares)),
    // The one limit can never be above the other, and kernels without accounting of swap have one only.
    `if [ -f ${withSwap} ]; then echo -1 > ${withSwap}; fi`,
    limit,
    `if [ -f ${withSwap} ]; then echo ${memoryLimitBytes ?? -1} > ${withSwap}; fi`,
    ...(cpuQuota ? [set(cpu, 'cpu.cfs_period_us', cpuQuota.period)] : []),
    set(cpu, 'cpu.cfs_quota_us', cpuQuota?.quota ?? -1),
    set(pids, 'pids.max', pidsLimit ?? 'max'),
  ].join('\n')
}

/** Shell script that removes a group once nothing is in it; the engine leaves it behind. */
export function removeGroupScript(layout: CgroupLayout, group: string): string {
  return `rmdir ${layout.group(group).everywhere} 2>/dev/null || :`
}
