import type {
  FileSystemUsage,
  InterfaceUsage,
  RuntimeUsage,
  UsageSample,
  UsageTargets,
} from '../runtime/usage.ts'
import { noUsage } from '../runtime/usage.ts'
import { cgroupMount, type CgroupLayout } from './cgroup-layout.ts'
import { pressureCommand, pressureCounters, pressuresOf } from './pressure-script.ts'

const memoryLines = '^(total_)?(rss|anon|inactive_file|pgfault|pgmajfault) |^[0-9]+$'
/** The most ids, the most threads, and how many there are: the second of `25/523`. */
const processLine = /^\/proc\/(?:sys\/kernel\/(?:pid_max|threads-max):|loadavg:.*\/)(\d+)/
/** What a container's id looks like: nothing else goes into a script. */
export const containerIdPattern = /^[0-9a-f]{12,64}$/

/** The control group a container was made in, where that is not the engine's own. */
export type GroupOf = (containerId: string) => string | undefined

const inEnginesOwn: GroupOf = () => undefined

/**
 * Shell script that prints the counters of all containers, the network devices of all sandboxes and the machine's own, in
 * a handful of processes whatever their number.
 */
export function statsScript(
  layout: CgroupLayout,
  targets: UsageTargets,
  groupOf: GroupOf = inEnginesOwn,
): string {
  const ids = targets.containers.filter((id) => containerIdPattern.test(id))
  const pids = targets.sandboxes.flatMap(({ pid, ip }) => (pid > 1 && ip !== undefined ? [pid] : []))
  const isOld = layout.version === 1
  const cpuFile = isOld ? 'cpuacct.usage' : 'cpu.stat'
  const memoryFiles = isOld ? ['memory.usage_in_bytes', 'memory.stat'] : ['memory.current', 'memory.stat']
  const root = (hierarchy: string): string => (isOld ? `${cgroupMount}/${hierarchy}` : cgroupMount)
  const cpu = [root('cpuacct'), ...ids.map((id) => layout.cpu(id, groupOf(id)))]
  const memory = [root('memory'), ...ids.map((id) => layout.memory(id, groupOf(id)))]
  return [
    'cat /proc/uptime',
    "stat -f -c 'fs %S %b %f %a %c %d' / || :",
    'grep -Hs . /proc/sys/kernel/pid_max /proc/sys/kernel/threads-max /proc/loadavg || :',
    "grep -E '^Mem(Total|Free|Available):' /proc/meminfo",
    `grep -HsE '^usage_usec |^[0-9]+$' ${cpu.map((directory) => `${directory}/${cpuFile}`).join(' ')} /dev/null || :`,
    `grep -HsE '${memoryLines}' ${memory
      .flatMap((directory) => memoryFiles.map((file) => `${directory}/${file}`))
      .join(' ')} /dev/null || :`,
    ...(ids.length === 0
      ? []
      : [
          `grep -Hs . ${ids.map((id) => `${layout.pids(id, groupOf(id))}/pids.current`).join(' ')} /dev/null || :`,
        ]),
    ...(isOld ? [] : [pressureCommand([...memory, ...podDirectories(layout, ids.map(groupOf))])]),
    ...(pids.length === 0
      ? []
      : [`grep -Hs : ${pids.map((pid) => `/proc/${pid}/net/dev`).join(' ')} /dev/null || :`]),
  ].join('\n')
}

/** Of the pods whose containers are in a group of their own, each once. */
function podDirectories(layout: CgroupLayout, groups: Array<string | undefined>): string[] {
  const names = new Set(groups.filter((name) => name !== undefined))
  return [...names].map((name) => layout.group(name).memory)
}

/** Reads what the script printed. Throws when not even the machine's uptime is in it. */
export function parseStats(
  output: string,
  asked: { layout: CgroupLayout; targets: UsageTargets; groupOf?: GroupOf },
): RuntimeUsage {
  const { layout, targets, groupOf = inEnginesOwn } = asked
  const lines = output.split('\n')
  const uptimeMs = Math.round(Number(lines[0]?.split(' ')[0]) * 1000)
  if (!Number.isFinite(uptimeMs)) throw new Error(`unexpected answer of the node agent: ${lines[0]}`)
  const groups = new Map<string, Map<string, number>>()
  const devices = new Map<string, InterfaceUsage[]>()
  const machine = new Map<string, number>()
  const processes: number[] = []
  const usage = noUsage()
  for (const line of lines) {
    const [, pid, device] = /^\/proc\/(\d+)\/net\/dev:\s*(.*)$/.exec(line) ?? []
    if (pid !== undefined) addDevice(devices, pid, device!)
    else if (line.startsWith(cgroupMount)) addCounter(groups, line)
    else if (line.startsWith('fs ')) usage.fileSystem = fileSystemOf(line)
    else if (processLine.test(line)) processes.push(Number(processLine.exec(line)?.[1]))
    else {
      const [, name, kibibytes] = /^(Mem\w+):\s*(\d+) kB$/.exec(line) ?? []
      if (name !== undefined) machine.set(name, Number(kibibytes) * 1024)
    }
  }
  for (const id of targets.containers) {
    const group = groupOf(id)
    const sample = sampleOf(
      { cpu: groups.get(layout.cpu(id, group)), memory: groups.get(layout.memory(id, group)) },
      uptimeMs,
    )
    const processes = groups.get(layout.pids(id, group))?.get('pids.current')
    const podPressure = group === undefined ? undefined : pressuresOf(groups.get(layout.group(group).memory))
    if (!sample) continue
    usage.containers.set(id, {
      ...sample,
      ...(processes === undefined ? {} : { processes }),
      ...(podPressure ? { podPressure } : {}),
    })
  }
  for (const { id, pid } of targets.sandboxes) {
    const found = devices.get(String(pid))
    if (found) usage.network.set(id, found)
  }
  const [pidMax = 0, threadsMax = 0, running = 0] = processes
  if (processes.length === 3) usage.processIds = { max: Math.min(pidMax, threadsMax), running }
  const whole = machineOf(groups, machine, { uptimeMs, layout })
  if (whole) usage.machine = whole
  return usage
}

/** `<directory>/<file>:<line>`, by directory and by the line's name; a line that is only a number goes by its file. */
function addCounter(groups: Map<string, Map<string, number>>, line: string): void {
  const [, directory, file, text] = /^(.*)\/([^/:]+):(.*)$/.exec(line) ?? []
  if (directory === undefined) return
  const counters = groups.get(directory) ?? new Map<string, number>()
  groups.set(directory, counters)
  if (file!.endsWith('.pressure')) {
    for (const [name, value] of pressureCounters(file!, text!)) counters.set(name, value)
    return
  }
  const [name, value] = text!.split(' ')
  if (value === undefined) counters.set(file!, Number(name))
  else counters.set(name!, Number(value))
}

interface Counters {
  cpu: Map<string, number> | undefined
  memory: Map<string, number> | undefined
}

function sampleOf({ cpu, memory }: Counters, uptimeMs: number): UsageSample | undefined {
  const micro = cpu?.get('usage_usec')
  const cpuNanoSeconds = cpu?.get('cpuacct.usage') ?? (micro === undefined ? undefined : micro * 1000)
  const usageBytes = memory?.get('memory.usage_in_bytes') ?? memory?.get('memory.current')
  if (cpuNanoSeconds === undefined || usageBytes === undefined || !memory) return undefined
  const pressure = pressuresOf(memory)
  return {
    uptimeMs,
    cpuNanoSeconds,
    usageBytes,
    ...memoryDetails(memory, usageBytes),
    ...(pressure ? { pressure } : {}),
  }
}

/** The old hierarchy tells sums over children with a prefix, the new one always. */
function memoryDetails(
  memory: Map<string, number>,
  usageBytes: number,
): Omit<UsageSample, 'uptimeMs' | 'cpuNanoSeconds' | 'usageBytes'> {
  const value = (name: string): number => memory.get(`total_${name}`) ?? memory.get(name) ?? 0
  return {
    workingSetBytes: Math.max(0, usageBytes - value('inactive_file')),
    rssBytes: memory.has('anon') ? value('anon') : value('rss'),
    pageFaults: value('pgfault'),
    majorPageFaults: value('pgmajfault'),
  }
}

/** The root of the new hierarchy counts no memory; there it is what the kernel says is not free. */
function machineOf(
  groups: Map<string, Map<string, number>>,
  meminfo: Map<string, number>,
  { uptimeMs, layout }: { uptimeMs: number; layout: CgroupLayout },
): RuntimeUsage['machine'] {
  const at = (hierarchy: string): Map<string, number> | undefined =>
    groups.get(layout.version === 1 ? `${cgroupMount}/${hierarchy}` : cgroupMount)
  const memory = new Map(at('memory') ?? [])
  const total = meminfo.get('MemTotal') ?? 0
  if (layout.version === 2) memory.set('memory.current', total - (meminfo.get('MemFree') ?? 0))
  const sample = sampleOf({ cpu: at('cpuacct'), memory }, uptimeMs)
  return sample && { ...sample, availableBytes: Math.max(0, total - sample.workingSetBytes) }
}

/** `eth0: 200 2 0 …`, as /proc/net/dev has it: eight counters received, eight sent. */
function addDevice(devices: Map<string, InterfaceUsage[]>, pid: string, text: string): void {
  const [, name, counters] = /^(\S+):\s*([\d\s]+)$/.exec(text) ?? []
  if (name === undefined || name === 'lo') return
  const numbers = counters!.trim().split(/\s+/).map(Number)
  const device = {
    name,
    rxBytes: numbers[0] ?? 0,
    rxErrors: numbers[2] ?? 0,
    txBytes: numbers[8] ?? 0,
    txErrors: numbers[10] ?? 0,
  }
  devices.set(pid, [...(devices.get(pid) ?? []), device])
}

function fileSystemOf(line: string): FileSystemUsage {
  const [, block = 0, blocks = 0, free = 0, available = 0, inodes = 0, inodesFree = 0] = line
    .split(' ')
    .map(Number)
  return {
    capacityBytes: block * blocks,
    availableBytes: block * available,
    usedBytes: block * (blocks - free),
    inodes,
    inodesFree,
  }
}
