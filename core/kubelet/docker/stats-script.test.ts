import { describe, expect, it } from 'vitest'
import type { SandboxStatus } from '../runtime/specs.ts'
import { candidateLayouts } from './cgroup-layout.ts'
import { sampleOfEngine } from './container-usage.ts'
import { limitGroupScript, podGroup } from './pod-group.ts'
import { parseStats, statsScript } from './stats-script.ts'

const agent = 'a'.repeat(64)
const app = 'b'.repeat(64)
const gone = 'c'.repeat(64)
const sandbox: SandboxStatus = {
  id: 'sandbox',
  pod: { uid: 'u', name: 'web', namespace: 'default' },
  attempt: 0,
  state: 'ready',
  ip: '10.0.0.1',
  pid: 4711,
  createdAt: '',
}
const targets = { containers: [app, gone], sandboxes: [sandbox] }

const oldHierarchy = `4:memory:/docker/${agent}\n2:cpu,cpuacct:/docker/${agent}\n0::/docker/${agent}\nhas:cpuacct\nhas:memory`
const unified = `0::/system.slice/docker-${agent}.scope\nhas:unified`

describe('places of control groups', () => {
  it('follow from the agent’s own, old hierarchy and new', () => {
    const [old] = candidateLayouts(oldHierarchy, agent)
    expect(old?.cpu(app)).toBe(`/host/cgroup/cpuacct/docker/${app}`)
    expect(old?.memory(app)).toBe(`/host/cgroup/memory/docker/${app}`)
    const [own] = candidateLayouts(unified, agent)
    expect(own?.cpu(app)).toBe(`/host/cgroup/system.slice/docker-${app}.scope`)
  })

  it('may begin further down where the engine runs in a container itself', () => {
    const nested = `0::/docker/outer/docker/${agent}\nhas:unified`
    const places = candidateLayouts(nested, agent).map(({ cpu }) => cpu(app))
    expect(places).toContain(`/host/cgroup/docker/${app}`)
  })

  it('of pods with a group of their own are in it, beside the others', () => {
    const uid = '11-22'
    const [old] = candidateLayouts(oldHierarchy, agent)
    const flat = podGroup('cgroupfs', uid)
    expect(old?.memory(app, flat)).toBe(`/host/cgroup/memory/docker/pod11-22/${app}`)
    expect(old?.group(flat!)).toMatchObject({
      cpu: '/host/cgroup/cpu/docker/pod11-22',
      everywhere: '/host/cgroup/*/docker/pod11-22',
    })
    const [own] = candidateLayouts(unified, agent)
    const slice = podGroup('systemd', uid)
    const place = '/host/cgroup/system.slice/system-pod11_22.slice'
    expect(own?.cpu(app, slice)).toBe(`${place}/docker-${app}.scope`)
    expect(own?.group(slice!)).toMatchObject({ memory: place, everywhere: place })
    expect(podGroup('none', uid)).toBeUndefined()
  })

  it('are unknown where nothing is mounted or the agent is not in its own group', () => {
    expect(candidateLayouts(`0::/docker/${agent}`, agent)).toEqual([])
    expect(candidateLayouts(`0::/\nhas:unified`, agent)).toEqual([])
  })
})

describe('the limits of a group', () => {
  const limits = {
    cpuShares: 1024,
    cpuQuota: { quota: 50_000, period: 100_000 },
    memoryLimitBytes: 1000,
    pidsLimit: 7,
  }

  it('are written as each hierarchy has them', () => {
    const [unifiedLayout] = candidateLayouts(unified, agent)
    const place = '/host/cgroup/system.slice/system-podu.slice'
    expect(limitGroupScript(unifiedLayout!, 'system-podu.slice', limits).split('\n')).toEqual([
      'set -e',
      `echo 39 > '${place}/cpu.weight'`,
      `echo '50000 100000' > '${place}/cpu.max'`,
      `echo 1000 > '${place}/memory.max'`,
      `echo 7 > '${place}/pids.max'`,
    ])
    const [oldLayout] = candidateLayouts(oldHierarchy, agent)
    const script = limitGroupScript(oldLayout!, '/docker/podu', limits)
    expect(script).toContain("echo 1024 > '/host/cgroup/cpu/docker/podu/cpu.shares'")
    expect(script).toContain("echo 50000 > '/host/cgroup/cpu/docker/podu/cpu.cfs_quota_us'")
    expect(script).toContain("echo 1000 > '/host/cgroup/memory/docker/podu/memory.limit_in_bytes'")
  })

  it('are lifted where there are none', () => {
    const [layout] = candidateLayouts(unified, agent)
    const script = limitGroupScript(layout!, 'system-podu.slice', {})
    expect(script.match(/echo '?max/g)).toHaveLength(3)
  })
})

describe('counters', () => {
  it('are read from the old hierarchy: working set is usage less inactive file pages', () => {
    const [layout] = candidateLayouts(oldHierarchy, agent)
    const script = statsScript(layout!, targets)
    expect(script).toContain(`/host/cgroup/cpuacct/docker/${gone}/cpuacct.usage`)
    expect(script).toContain('/proc/4711/net/dev')
    const usage = parseStats(
      [
        '1064.84 1745.78',
        'fs 4096 1000 600 500 2000 1500',
        '/proc/sys/kernel/pid_max:32768',
        '/proc/sys/kernel/threads-max:192729',
        '/proc/loadavg:25.20 22.75 21.18 25/523 12699',
        `/host/cgroup/pids/docker/${app}/pids.current:7`,
        'MemTotal:       1000 kB',
        '/host/cgroup/cpuacct/cpuacct.usage:900',
        `/host/cgroup/cpuacct/docker/${app}/cpuacct.usage:367715361294`,
        '/host/cgroup/memory/memory.usage_in_bytes:600000',
        '/host/cgroup/memory/memory.stat:total_inactive_file 100000',
        `/host/cgroup/memory/docker/${app}/memory.usage_in_bytes:1000`,
        `/host/cgroup/memory/docker/${app}/memory.stat:rss 7`,
        `/host/cgroup/memory/docker/${app}/memory.stat:total_rss 500`,
        `/host/cgroup/memory/docker/${app}/memory.stat:total_inactive_file 300`,
        `/host/cgroup/memory/docker/${app}/memory.stat:total_pgfault 12`,
        `/host/cgroup/memory/docker/${app}/memory.stat:total_pgmajfault 3`,
        '/proc/4711/net/dev:    lo:       9       9    0    0    0     0          0         0        9       9    0    0    0     0       0          0',
        '/proc/4711/net/dev:  eth0:     200       2    1    0    0     0          0         0        300       3    4    0    0     0       0          0',
      ].join('\n'),
      { layout: layout!, targets },
    )
    expect(Object.fromEntries(usage.containers)).toEqual({
      [app]: {
        uptimeMs: 1_064_840,
        cpuNanoSeconds: 367_715_361_294,
        usageBytes: 1000,
        workingSetBytes: 700,
        rssBytes: 500,
        pageFaults: 12,
        majorPageFaults: 3,
        processes: 7,
      },
    })
    expect(usage.processIds).toEqual({ max: 32_768, running: 523 })
    expect(usage.machine).toMatchObject({
      cpuNanoSeconds: 900,
      workingSetBytes: 500_000,
      availableBytes: 524_000,
    })
    expect(usage.network.get('sandbox')).toEqual([
      { name: 'eth0', rxBytes: 200, rxErrors: 1, txBytes: 300, txErrors: 4 },
    ])
    expect(usage.fileSystem).toEqual({
      capacityBytes: 4_096_000,
      availableBytes: 2_048_000,
      usedBytes: 1_638_400,
      inodes: 2000,
      inodesFree: 1500,
    })
  })

  it('are read from the new hierarchy; its root counts no memory, so the kernel is asked', () => {
    const [layout] = candidateLayouts(unified, agent)
    const place = `/host/cgroup/system.slice/docker-${app}.scope`
    const usage = parseStats(
      [
        '10.00 1.00',
        'MemTotal:       1000 kB',
        'MemFree:        400 kB',
        '/host/cgroup/cpu.stat:usage_usec 8',
        `${place}/cpu.stat:usage_usec 2000`,
        '/host/cgroup/memory.stat:inactive_file 1024',
        `${place}/memory.current:900`,
        `${place}/memory.stat:anon 400`,
        `${place}/memory.stat:inactive_file 1000`,
      ].join('\n'),
      { layout: layout!, targets },
    )
    expect(usage.containers.get(app)).toMatchObject({
      cpuNanoSeconds: 2_000_000,
      workingSetBytes: 0,
      rssBytes: 400,
    })
    expect(usage.machine).toMatchObject({
      cpuNanoSeconds: 8000,
      usageBytes: 614_400,
      workingSetBytes: 613_376,
    })
  })

  it('tell of stalls where the hierarchy is new and the kernel counts them, of a pod where it has a group', () => {
    const [layout] = candidateLayouts(unified, agent)
    const slice = '/host/cgroup/system.slice/system-pod1.slice'
    const place = `${slice}/docker-${app}.scope`
    const groupOf = (id: string): string | undefined => (id === app ? 'system-pod1.slice' : undefined)
    expect(statsScript(layout!, targets, groupOf)).toContain(`${place}/memory.pressure`)
    expect(statsScript(layout!, targets, groupOf)).toContain(` ${slice}/io.pressure `)
    const [old] = candidateLayouts(oldHierarchy, agent)
    expect(statsScript(old!, targets)).not.toContain('pressure')
    const stalls = (seconds: string, total: number): string =>
      `avg10=${seconds} avg60=0.50 avg300=0.25 total=${total}`
    const usage = parseStats(
      [
        '10.00 1.00',
        `${place}/cpu.stat:usage_usec 2000`,
        `${place}/memory.current:900`,
        `${place}/memory.stat:anon 400`,
        `${place}/cpu.pressure:some ${stalls('1.50', 2_000_000)}`,
        `${place}/cpu.pressure:full ${stalls('0.00', 3)}`,
        `${place}/memory.pressure:some ${stalls('0.00', 4)}`,
        `${slice}/io.pressure:some ${stalls('2.00', 5)}`,
        `${slice}/io.pressure:full ${stalls('1.00', 6)}`,
      ].join('\n'),
      { layout: layout!, targets, groupOf },
    )
    const rest = { avg60: 0.5, avg300: 0.25 }
    expect(usage.containers.get(app)).toMatchObject({
      pressure: {
        cpu: { some: { avg10: 1.5, ...rest, total: 2_000_000 }, full: { avg10: 0, ...rest, total: 3 } },
        memory: { some: { total: 4 }, full: { avg10: 0, avg60: 0, avg300: 0, total: 0 } },
      },
      podPressure: { io: { some: { avg10: 2, total: 5 }, full: { avg10: 1, total: 6 } } },
    })
    expect(usage.containers.get(app)?.pressure).not.toHaveProperty('io')
  })

  it('can come from the engine, one container at a time', () => {
    const stats = {
      read: '2026-01-01T00:00:00.5Z',
      cpu_stats: { cpu_usage: { total_usage: 5 } },
      memory_stats: { usage: 100, stats: { total_inactive_file: 30, inactive_file: 1, total_rss: 9 } },
    }
    expect(sampleOfEngine(stats)).toMatchObject({ cpuNanoSeconds: 5, workingSetBytes: 70, rssBytes: 9 })
    expect(sampleOfEngine({ ...stats, memory_stats: {} })).toBeUndefined()
  })
})
