import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { RuntimeCache } from '../pods/runtime-cache.ts'
import type { MachineInfo, Runtime } from '../runtime/runtime.ts'
import { cadvisorMetrics } from './cadvisor-metrics.ts'
import { createDiskMeter, type DiskUsage } from './disk-usage.ts'
import type { NodeUsage } from './node-usage.ts'
import { resourceMetrics } from './resource-metrics.ts'
import { buildSummary } from './summary.ts'
import type { Summary } from './summary-api.ts'
import { createUsageSampler, type SamplingOptions } from './usage-sampler.ts'

/** What a node and its pods use, in the forms that others ask for. Each rejects when the runtime cannot tell. */
export interface KubeletStats extends Disposable {
  usage(): Promise<NodeUsage>
  /** `/stats/summary`; with `onlyCpuAndMemory` without the disks, which are dear to measure. */
  summary(onlyCpuAndMemory?: boolean): Promise<Summary>
  /** `/metrics/resource`. */
  resourceMetrics(): Promise<string>
  /** `/metrics/cadvisor`. */
  cadvisorMetrics(): Promise<string>
}

export interface KubeletStatsOptions {
  nodeName: string
  runtime: Runtime
  cache: RuntimeCache
  findPod: (pod: { namespace: string; name: string; uid: string }) => Pod | undefined
  machine: () => MachineInfo | undefined
  sampling?: Partial<SamplingOptions>
  clock: Clock
  log: Logger
}

/** The stats of one node; nothing is measured before somebody asks. */
export function createKubeletStats(options: KubeletStatsOptions): KubeletStats {
  const { nodeName, findPod, clock } = options
  const sampler = createUsageSampler(options)
  const meter = createDiskMeter(options)
  const startedAt = clock.now()
  const noDisk: DiskUsage = { at: undefined, rootfs: new Map(), logs: new Map(), volumes: new Map() }
  return {
    usage: () => sampler.latest(),
    async summary(onlyCpuAndMemory = false) {
      const usage = await sampler.latest()
      const disk = onlyCpuAndMemory ? noDisk : await meter(usage.pods)
      return buildSummary({ nodeName, startedAt, usage, disk, findPod })
    },
    resourceMetrics: async () => resourceMetrics(await sampler.latest()),
    cadvisorMetrics: async () => cadvisorMetrics(await sampler.latest(), options.machine()),
    [Symbol.dispose]: () => sampler[Symbol.dispose](),
  }
}
