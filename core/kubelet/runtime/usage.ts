/** For how long tasks waited for a resource (the kernel's pressure stall information). */
export interface Stalls {
  /** Microseconds so far. */
  total: number
  /** Percent of the last ten seconds, of the last minute, and of the last five. */
  avg10: number
  avg60: number
  avg300: number
}

/** Stalls of at least one task, and of all at once. */
export interface Pressure {
  some: Stalls
  full: Stalls
}

/** By resource, those that are counted. */
export interface Pressures {
  cpu?: Pressure
  memory?: Pressure
  io?: Pressure
}

/** What a container, or the machine, has used so far. Taken at one moment; rates need two of them. */
export interface UsageSample {
  /** Milliseconds of the machine's own uptime: only differences mean anything. */
  uptimeMs: number
  /** CPU time since its start. */
  cpuNanoSeconds: number
  /** Memory that is held, page cache included. */
  usageBytes: number
  /** Memory that cannot be given back under pressure: what is held less the inactive file pages. */
  workingSetBytes: number
  rssBytes: number
  pageFaults: number
  majorPageFaults: number
  /** Processes and threads it has now; absent where nobody counts them. */
  processes?: number
  /** Absent where the kernel does not count it: on control groups of version 1, for one. */
  pressure?: Pressures
  /** That of the whole pod, where its containers are counted together. */
  podPressure?: Pressures
}

/** Counters of one network interface since its start. */
export interface InterfaceUsage {
  name: string
  rxBytes: number
  rxErrors: number
  txBytes: number
  txErrors: number
}

/** How full a file system is. */
export interface FileSystemUsage {
  capacityBytes: number
  availableBytes: number
  usedBytes: number
  inodes: number
  inodesFree: number
}

/** What to measure: running containers by id, and ready sandboxes for their network. */
export interface UsageTargets {
  containers: string[]
  /** `pid` as the runtime's status tells it; without an address a sandbox is on the node's own network. */
  sandboxes: Array<{ id: string; pid: number; ip?: string }>
}

/** One measurement of everything asked for; what ended meanwhile is left out. */
export interface RuntimeUsage {
  /** The whole machine; absent where the engine does not let it be seen. */
  machine?: UsageSample & { availableBytes: number }
  /** Processes and threads of the whole machine, and how many there can be. */
  processIds?: { max: number; running: number }
  /** The file system that images and containers lie on. */
  fileSystem?: FileSystemUsage
  /** By container id. */
  containers: Map<string, UsageSample>
  /** By sandbox id; sandboxes on the node's own network are left out. */
  network: Map<string, InterfaceUsage[]>
}

/** Nothing measured. */
export function noUsage(): RuntimeUsage {
  return { containers: new Map(), network: new Map() }
}
