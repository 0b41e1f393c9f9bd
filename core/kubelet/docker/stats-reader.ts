import type { RuntimeUsage, UsageTargets } from '../runtime/usage.ts'
import { candidateLayouts, layoutScript, type CgroupLayout } from './cgroup-layout.ts'
import type { Shell } from './node-agent-shell.ts'
import { quote } from './node-agent-scripts.ts'
import { parseStats, statsScript } from './stats-script.ts'

/** Enough for what 10,000 containers print. */
const statsBytes = 16 * 1024 * 1024

/** Measures usage; undefined where the control groups cannot be seen. */
export type StatsReader = (targets: UsageTargets) => Promise<RuntimeUsage | undefined>

/** A reader over the shell of one agent container. It finds out once where the control groups are. */
export function createStatsReader(shell: Shell, agentId: string): StatsReader {
  let layout: Promise<CgroupLayout | undefined> | undefined

  async function findLayout(): Promise<CgroupLayout | undefined> {
    const candidates = candidateLayouts(await shell.read(layoutScript), agentId)
    const tests = candidates.map(
      ({ cpu, memory }, index) =>
        `[ -d ${quote(cpu(agentId))} ] && [ -d ${quote(memory(agentId))} ] && echo ${index}`,
    )
    if (tests.length === 0) return undefined
    const [first] = (await shell.read([...tests, ':'].join('\n'))).split('\n')
    return first ? candidates[Number(first)] : undefined
  }

  return async (targets) => {
    layout ??= findLayout()
    const known = await layout
    if (!known) return undefined
    return parseStats(await shell.read(statsScript(known, targets), statsBytes), known, targets)
  }
}
