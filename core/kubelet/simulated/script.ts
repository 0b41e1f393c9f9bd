/** How a simulated container behaves, told by annotations of its pod. */
export interface SimulatedScript {
  /** Before a container counts as started. */
  startDelayMs: number
  /** Until it ends by itself; undefined for one that runs on. */
  runForMs: number | undefined
  exitCode: number
  /** Between SIGTERM and its end. */
  stopDelayMs: number
  /** What a container uses, as text; undefined for nothing. */
  usage(resource: 'cpu' | 'memory', container: string): string | undefined
}

/**
 * Prefix of the annotations: `start-delay`, `run-for`, `stop-delay` (durations such as `200ms`, `5s`, `2m`), `exit-code`,
 * and what each container uses: `cpu`, `memory`, or for one of them `cpu.NAME`, `memory.NAME` (see simulated-usage.ts).
 */
const scriptPrefix = 'simulated.wheelhouse.dev/'

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds of a duration such as `200ms` or `5s`; undefined for anything else. */
export function duration(text: string | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '')
  return match ? Number(match[1]) * units[match[2]!]! : undefined
}

/** Reads the script of a pod; what is not said takes no time and goes well. */
export function readScript(annotations: Record<string, string>): SimulatedScript {
  const value = (name: string): string | undefined => annotations[scriptPrefix + name]
  const code = Number(value('exit-code') ?? 0)
  const runForMs = duration(value('run-for'))
  return {
    startDelayMs: duration(value('start-delay')) ?? 0,
    runForMs: runForMs ?? (value('exit-code') === undefined ? undefined : 0),
    exitCode: Number.isInteger(code) ? code : 0,
    stopDelayMs: duration(value('stop-delay')) ?? 0,
    usage: (resource, container) => value(`${resource}.${container}`) ?? value(resource),
  }
}
