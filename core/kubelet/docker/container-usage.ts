import type Docker from 'dockerode'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { createLimiter } from '../limiter.ts'
import type { NodeAgent } from '../runtime/node-agent.ts'
import { noUsage, type RuntimeUsage, type UsageSample, type UsageTargets } from '../runtime/usage.ts'
import type { EngineCall } from './engine-call.ts'
import { ownedFilters, type Owner } from './labels.ts'

/** The engine works out one answer at a time; more at once only wait. */
const parallelStats = 4

/** The part of the engine's answer that is read (Engine API: ContainerStats); it differs by control group version. */
interface EngineStats {
  read: string
  cpu_stats: { cpu_usage: { total_usage: number } }
  memory_stats: { usage?: number; stats?: Record<string, number> }
}

export interface ContainerUsage {
  measure(targets: UsageTargets): Promise<RuntimeUsage>
  /** Bytes that containers have written to their own layer, by id. The engine walks their files: not to be asked often. */
  writtenBytes(): Promise<Map<string, number>>
  /** Bytes of the logs that the engine keeps of containers, by id. */
  logBytes(ids: string[]): Promise<Map<string, number>>
}

/**
 * What containers use: read from the control groups by the node agent, in one round trip for all; where the agent cannot
 * see them, asked of the engine container by container.
 */
export function createContainerUsage(options: {
  docker: Docker
  call: EngineCall
  owner: Owner
  agent: NodeAgent
  /** The control group a container was made in, where that is not the engine's own. */
  groupOf: (containerId: string) => string | undefined
  clock: Clock
  log: Logger
}): ContainerUsage {
  const { docker, call, agent, log } = options
  const limiter = createLimiter(parallelStats)
  let toldFallback = false

  async function askEngine(id: string): Promise<UsageSample | undefined> {
    try {
      const stats = await limiter.run(() =>
        call('ContainerStatsError', () => docker.getContainer(id).stats({ stream: false, 'one-shot': true })),
      )
      return sampleOfEngine(stats as unknown as EngineStats)
    } catch {
      // It ended meanwhile; whoever wants to know why asks for its status.
      return undefined
    }
  }

  async function measureByEngine(targets: UsageTargets): Promise<RuntimeUsage> {
    const usage = noUsage()
    await Promise.all(
      targets.containers.map(async (id) => {
        const sample = await askEngine(id)
        if (sample) usage.containers.set(id, sample)
      }),
    )
    return usage
  }

  return {
    async measure(targets) {
      const usage = await agent.measureUsage(targets, options.groupOf)
      if (usage) return usage
      if (!toldFallback) log.warn('control groups cannot be read; the engine is asked for each container')
      toldFallback = true
      return measureByEngine(targets)
    },
    logBytes: (ids) => agent.logBytes(ids),
    async writtenBytes() {
      const found = (await call('ListContainersError', () =>
        docker.listContainers({ size: true, filters: ownedFilters(options.owner) }),
      )) as Array<Docker.ContainerInfo & { SizeRw?: number }>
      return new Map(found.map(({ Id, SizeRw = 0 }) => [Id, SizeRw]))
    },
  }
}

/** Undefined for a container that does not run: the engine then answers zeros. */
export function sampleOfEngine(stats: EngineStats): UsageSample | undefined {
  const { usage: usageBytes, stats: memory = {} } = stats.memory_stats
  if (usageBytes === undefined) return undefined
  const value = (name: string): number => memory[`total_${name}`] ?? memory[name] ?? 0
  return {
    uptimeMs: Date.parse(stats.read),
    cpuNanoSeconds: stats.cpu_stats.cpu_usage.total_usage,
    usageBytes,
    workingSetBytes: Math.max(0, usageBytes - value('inactive_file')),
    rssBytes: memory['anon'] ?? value('rss'),
    pageFaults: value('pgfault'),
    majorPageFaults: value('pgmajfault'),
  }
}
