/** How one simulated container behaves. */
export interface ContainerScript {
  /** Before it counts as started. */
  startDelayMs: number
  /** Until it ends by itself; undefined for one that runs on. */
  runForMs: number | undefined
  exitCode: number
  /** Between SIGTERM and its end. */
  stopDelayMs: number
}

/** How the containers of a simulated pod behave, told by its annotations. */
export interface SimulatedScript {
  /** `runsToEnd`: what nothing is said of ends at once instead of running on. */
  of(container: { name: string; runsToEnd?: boolean }): ContainerScript
  /** What a container uses, as text; undefined for nothing. */
  usage(resource: 'cpu' | 'memory', container: string): string | undefined
}

/**
 * Prefix of the annotations: `start-delay`, `run-for`, `stop-delay` (durations such as `200ms`, `5s`, `2m`), `exit-code`,
 * and what a container uses: `cpu`, `memory` (see simulated-usage.ts). Each is of all containers of the pod, or with
 * `.NAME` after it of one, which then counts.
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
  const value = (key: string, container: string): string | undefined =>
    annotations[`${scriptPrefix}${key}.${container}`] ?? annotations[scriptPrefix + key]
  return {
    of({ name, runsToEnd = false }) {
      const code = value('exit-code', name)
      const exitCode = Number(code ?? 0)
      return {
        startDelayMs: duration(value('start-delay', name)) ?? 0,
        runForMs: duration(value('run-for', name)) ?? (runsToEnd || code !== undefined ? 0 : undefined),
        exitCode: Number.isInteger(exitCode) ? exitCode : 0,
        stopDelayMs: duration(value('stop-delay', name)) ?? 0,
      }
    },
    usage: value,
  }
}
