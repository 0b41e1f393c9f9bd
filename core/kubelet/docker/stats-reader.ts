import type { RuntimeUsage, UsageTargets } from '../runtime/usage.ts'
import type { CgroupLayout } from './cgroup-layout.ts'
import type { Shell } from './node-agent-shell.ts'
import { parseStats, statsScript } from './stats-script.ts'
import type { GroupOf } from './stats-script.ts'

/** Enough for what 10,000 containers print. */
const statsBytes = 16 * 1024 * 1024

/** Measures usage; undefined where the control groups cannot be seen. */
export type StatsReader = (targets: UsageTargets, groupOf?: GroupOf) => Promise<RuntimeUsage | undefined>

/** A reader over the shell of one agent container. */
export function createStatsReader(
  shell: Shell,
  findLayout: () => Promise<CgroupLayout | undefined>,
): StatsReader {
  return async (targets, groupOf = () => undefined) => {
    const layout = await findLayout()
    if (!layout) return undefined
    const script = statsScript(layout, targets, groupOf)
    return parseStats(await shell.read(script, statsBytes), { layout, targets, groupOf })
  }
}
