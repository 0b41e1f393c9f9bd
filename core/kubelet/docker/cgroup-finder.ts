import { candidateLayouts, layoutScript, type CgroupLayout } from './cgroup-layout.ts'
import type { Shell } from './node-agent-shell.ts'
import { quote } from './node-agent-scripts.ts'

/** Where the control groups are, found out once over the shell of one agent; undefined where they cannot be seen. */
export function createCgroupFinder(shell: Shell, agentId: string): () => Promise<CgroupLayout | undefined> {
  let layout: Promise<CgroupLayout | undefined> | undefined

  async function find(): Promise<CgroupLayout | undefined> {
    const candidates = candidateLayouts(await shell.read(layoutScript), agentId)
    const tests = candidates.map(
      ({ cpu, memory }, index) =>
        `[ -d ${quote(cpu(agentId))} ] && [ -d ${quote(memory(agentId))} ] && echo ${index}`,
    )
    if (tests.length === 0) return undefined
    const [first] = (await shell.read([...tests, ':'].join('\n'))).split('\n')
    return first ? candidates[Number(first)] : undefined
  }

  return () => (layout ??= find())
}
