import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** Stops containers in the background, so that a pod's worker stays free to react (a shorter grace period, for one). */
export interface ContainerKiller {
  /** Stops a container. Repeating it is free, unless the new grace period ends earlier: then that one holds. */
  kill(target: { podUid: string; containerId: string }, graceSeconds: number): void
}

interface KillerOptions {
  runtime: Runtime
  clock: Clock
  log: Logger
  /** Called when a container was stopped, or could not be. */
  onDone: (podUid: string) => void
}

/** A killer over this runtime. */
export function createContainerKiller(options: KillerOptions): ContainerKiller {
  const { runtime, clock, log, onDone } = options
  const deadlines = new Map<string, number>()
  return {
    kill({ podUid, containerId }, graceSeconds) {
      const deadline = clock.now() + graceSeconds * 1000
      const current = deadlines.get(containerId)
      if (current !== undefined && current <= deadline) return
      deadlines.set(containerId, deadline)
      void runtime
        .stopContainer(containerId, graceSeconds)
        .catch((error: unknown) => log.warn('container could not be stopped', { containerId, error }))
        .finally(() => {
          if (deadlines.get(containerId) === deadline) deadlines.delete(containerId)
          onDone(podUid)
        })
    },
  }
}
