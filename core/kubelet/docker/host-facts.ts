import type { HostFacts } from '../runtime/node-agent.ts'

/** Shell script that tells of the machine what the engine does not; neither file belongs to a namespace. */
export const hostFactsScript = 'cat /proc/sys/kernel/random/boot_id; grep ^SwapTotal: /proc/meminfo; :'

/** Reads what the script printed. */
export function parseHostFacts(output: string): HostFacts {
  const bootId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/m.exec(output)?.[0]
  const swap = /^SwapTotal:\s*(\d+) kB$/m.exec(output)?.[1]
  return {
    ...(bootId === undefined ? {} : { bootId }),
    ...(swap === undefined ? {} : { swapBytes: Number(swap) * 1024 }),
  }
}
