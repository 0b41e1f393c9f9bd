import type { SandboxSpec } from '../runtime/specs.ts'
import { engineMessage } from './docker-errors.ts'

/** Starts a sandbox without the ports that somebody else has on the host, such as the same pod of another node's. */
export async function startPublished<T>(
  spec: SandboxSpec,
  start: (spec: SandboxSpec) => Promise<T>,
): Promise<{ info: T; unpublished: Array<{ port: number; reason: string }> }> {
  const unpublished: Array<{ port: number; reason: string }> = []
  for (;;) {
    const ports = (spec.ports ?? []).filter(({ hostPort }) =>
      unpublished.every(({ port }) => port !== hostPort),
    )
    try {
      return { info: await start({ ...spec, ports }), unpublished }
    } catch (error) {
      const taken = takenPort(error)
      if (!ports.some(({ hostPort }) => hostPort === taken?.port)) throw error
      unpublished.push(taken!)
    }
  }
}

/** The host port that the engine could not open, by its message; undefined for every other failure. */
export function takenPort(error: unknown): { port: number; reason: string } | undefined {
  const message = engineMessage((error as Error).cause)
  const match = /(?:Bind for|listen (?:tcp|udp)\d?) \S*:(\d+)\b.*/.exec(message)
  return match ? { port: Number(match[1]), reason: match[0] } : undefined
}
