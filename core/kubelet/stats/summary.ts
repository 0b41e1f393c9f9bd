import type { Pod } from '../../api/generated/core-v1.ts'
import { quantityValue } from '../../api/quantity.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { FileSystemUsage } from '../runtime/usage.ts'
import type { DiskUsage } from './disk-usage.ts'
import type { ContainerUsage, NodeUsage, PodUsage, RatedSample } from './node-usage.ts'
import type { ContainerStats, CpuStats, FsStats, MemoryStats, PodStats, Summary } from './summary-api.ts'

export interface SummaryInput {
  nodeName: string
  /** Milliseconds since the epoch: when the node's agent began. */
  startedAt: number
  usage: NodeUsage
  disk: DiskUsage
  findPod: (pod: { namespace: string; name: string; uid: string }) => Pod | undefined
}

/** The answer of `/stats/summary`. */
export function buildSummary(input: SummaryInput): Summary {
  const { nodeName, usage } = input
  const time = rfc3339(usage.at)
  const summary: Summary = {
    node: { nodeName, startTime: rfc3339(input.startedAt) },
    pods: usage.pods.map((pod) => podStats(input, pod)),
  }
  const { machine, fileSystem } = usage
  if (machine) {
    summary.node.cpu = cpuOf(machine, time)
    summary.node.memory = { ...memoryOf(machine, time), availableBytes: machine.availableBytes }
    Object.assign(summary.node, ioOf(machine, time))
  }
  if (fileSystem) {
    const fs: FsStats = { ...placeOf(fileSystem, time), usedBytes: fileSystem.usedBytes }
    summary.node.fs = fs
    summary.node.runtime = { imageFs: fs, containerFs: fs }
  }
  return summary
}

function podStats(input: SummaryInput, pod: PodUsage): PodStats {
  const { usage, disk } = input
  const time = rfc3339(usage.at)
  const { uid, name, namespace } = pod.pod
  const object = input.findPod(pod.pod)
  const containers = pod.containers.map((container) => containerStats(input, container, object))
  const stats: PodStats = {
    podRef: { name, namespace, uid },
    startTime: object?.status?.startTime ?? pod.startedAt,
    containers,
  }
  if (pod.containers.length > 0) {
    const sum = sumOf(pod.containers)
    stats.cpu = cpuOf(sum, time)
    stats.memory = memoryOf(sum, time)
    Object.assign(stats, ioOf(sum, time))
  }
  const counted = pod.containers.flatMap(({ processes }) => (processes === undefined ? [] : [processes]))
  if (counted.length > 0) {
    stats.process_stats = { process_count: counted.reduce((sum, count) => sum + count, 0) }
  }
  const [first] = pod.network
  if (first) stats.network = { time, ...first, interfaces: pod.network }
  const volumes = disk.volumes.get(uid)
  if (disk.at !== undefined) {
    const at = rfc3339(disk.at)
    const place = placeOf(usage.fileSystem, at)
    if (volumes)
      stats.volume = [...volumes].map(([volume, usedBytes]) => ({ ...place, usedBytes, name: volume }))
    const written = pod.containers.map(({ id }) => (disk.rootfs.get(id) ?? 0) + (disk.logs.get(id) ?? 0))
    const usedBytes = [...written, ...(volumes?.values() ?? [])].reduce((sum, bytes) => sum + bytes, 0)
    stats['ephemeral-storage'] = { ...place, usedBytes }
  }
  return stats
}

function containerStats(
  input: SummaryInput,
  container: ContainerUsage,
  pod: Pod | undefined,
): ContainerStats {
  const { usage, disk } = input
  const time = rfc3339(usage.at)
  const stats: ContainerStats = {
    name: container.name,
    startTime: container.startedAt,
    cpu: cpuOf(container, time),
    memory: memoryOf(container, time),
    ...ioOf(container, time),
  }
  const limit = memoryLimit(pod, container.name)
  if (limit > 0) stats.memory.availableBytes = Math.max(0, limit - container.workingSetBytes)
  const usedBytes = disk.rootfs.get(container.id)
  if (disk.at !== undefined && usedBytes !== undefined) {
    const place = placeOf(usage.fileSystem, rfc3339(disk.at))
    stats.rootfs = { ...place, usedBytes }
    const logBytes = disk.logs.get(container.id)
    stats.logs = { ...place, ...(logBytes === undefined ? {} : { usedBytes: logBytes }) }
  }
  return stats
}

function memoryLimit(pod: Pod | undefined, name: string): number {
  const { containers = [], initContainers = [] } = pod?.spec ?? {}
  const spec = [...containers, ...initContainers].find((container) => container.name === name)
  return quantityValue(spec?.resources?.limits?.['memory'])
}

/** The sum over a pod's containers; the rate only when each has one. */
function sumOf(containers: ContainerUsage[]): RatedSample {
  const add = (read: (container: ContainerUsage) => number): number =>
    containers.reduce((sum, container) => sum + read(container), 0)
  const sum: RatedSample = {
    uptimeMs: 0,
    cpuNanoSeconds: add(({ cpuNanoSeconds }) => cpuNanoSeconds),
    usageBytes: add(({ usageBytes }) => usageBytes),
    workingSetBytes: add(({ workingSetBytes }) => workingSetBytes),
    rssBytes: add(({ rssBytes }) => rssBytes),
    pageFaults: add(({ pageFaults }) => pageFaults),
    majorPageFaults: add(({ majorPageFaults }) => majorPageFaults),
  }
  if (containers.every(({ cpuNanoCores }) => cpuNanoCores !== undefined)) {
    sum.cpuNanoCores = add(({ cpuNanoCores = 0 }) => cpuNanoCores)
  }
  // Stalls do not add up: of several containers without a group in common nobody knows when they stalled at once.
  const [first, second] = containers
  const pressure = first?.podPressure ?? (second ? undefined : first?.pressure)
  return pressure ? { ...sum, pressure } : sum
}

function cpuOf({ cpuNanoCores, cpuNanoSeconds, pressure }: RatedSample, time: string): CpuStats {
  return {
    time,
    ...(cpuNanoCores === undefined ? {} : { usageNanoCores: cpuNanoCores }),
    usageCoreNanoSeconds: cpuNanoSeconds,
    ...(pressure?.cpu ? { psi: pressure.cpu } : {}),
  }
}

function memoryOf(sample: RatedSample, time: string): MemoryStats {
  const { usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults, pressure } = sample
  const psi = pressure?.memory ? { psi: pressure.memory } : {}
  return { time, usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults, ...psi }
}

function ioOf({ pressure }: RatedSample, time: string): Pick<PodStats, 'io'> {
  return pressure?.io ? { io: { time, psi: pressure.io } } : {}
}

/** The file system something lies on, without how much of it is its own. */
function placeOf(fileSystem: FileSystemUsage | undefined, time: string): FsStats {
  if (!fileSystem) return { time }
  const { availableBytes, capacityBytes, inodes, inodesFree } = fileSystem
  return { time, availableBytes, capacityBytes, inodesFree, inodes, inodesUsed: inodes - inodesFree }
}
