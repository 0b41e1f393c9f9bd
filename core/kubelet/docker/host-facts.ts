import type { HostFacts } from '../runtime/node-agent.ts'

/**
 * Shell script that tells of the machine what the engine does not. Neither file belongs to a namespace, and the agent's root lies
 * on the file system of all containers.
 */
export const hostFactsScript = [
  'cat /proc/sys/kernel/random/boot_id',
  'grep ^SwapTotal: /proc/meminfo',
  "stat -f -c 'disk %S %b' /",
  ':',
].join('\n')

/** Reads what the script printed. */
export function parseHostFacts(output: string): HostFacts {
  const bootId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/m.exec(output)?.[0]
  const swap = /^SwapTotal:\s*(\d+) kB$/m.exec(output)?.[1]
  const [, block, blocks] = /^disk (\d+) (\d+)$/m.exec(output) ?? []
  const diskBytes = Number(block) * Number(blocks)
  return {
    ...(diskBytes > 0 ? { diskBytes } : {}),
    ...(bootId === undefined ? {} : { bootId }),
    ...(swap === undefined ? {} : { swapBytes: Number(swap) * 1024 }),
  }
}
