import type { Pressure } from '../runtime/usage.ts'

/** The Summary API, `/stats/summary` (upstream: k8s.io/kubelet/pkg/apis/stats/v1alpha1). Times are RFC 3339. */
export interface Summary {
  node: NodeStats
  pods: PodStats[]
}

interface NodeStats {
  nodeName: string
  startTime: string
  cpu?: CpuStats
  memory?: MemoryStats
  io?: IoStats
  fs?: FsStats
  runtime?: { imageFs: FsStats; containerFs: FsStats }
}

export interface PodStats {
  podRef: { name: string; namespace: string; uid: string }
  startTime: string | undefined
  containers: ContainerStats[]
  cpu?: CpuStats
  memory?: MemoryStats
  io?: IoStats
  network?: NetworkStats
  volume?: Array<FsStats & { name: string }>
  'ephemeral-storage'?: FsStats
  process_stats?: { process_count: number }
}

export interface ContainerStats {
  name: string
  startTime: string | undefined
  cpu: CpuStats
  memory: MemoryStats
  io?: IoStats
  rootfs?: FsStats
  logs?: FsStats
}

export interface CpuStats {
  time: string
  usageNanoCores?: number
  usageCoreNanoSeconds: number
  psi?: Pressure
}

export interface MemoryStats {
  time: string
  availableBytes?: number
  usageBytes: number
  workingSetBytes: number
  rssBytes: number
  pageFaults: number
  majorPageFaults: number
  psi?: Pressure
}

interface IoStats {
  time: string
  psi: Pressure
}

export interface FsStats {
  time: string
  availableBytes?: number
  capacityBytes?: number
  usedBytes?: number
  inodesFree?: number
  inodes?: number
  inodesUsed?: number
}

interface InterfaceStats {
  name: string
  rxBytes: number
  rxErrors: number
  txBytes: number
  txErrors: number
}

export interface NetworkStats extends InterfaceStats {
  time: string
  interfaces: InterfaceStats[]
}
