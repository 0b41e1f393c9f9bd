import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from '../util/logger.ts'
import type { QueuedPod } from './scheduling-queue.ts'

/** The loop lets others run after this much work in one go. */
const turnMs = 5

export interface SchedulingLoop {
  /** Something is due: it is taken up in the next turn, so that a burst of changes is seen as a whole. */
  wake(): void
  /** Takes nothing up any more; resolves when what is being done has come to its end. */
  stop(): Promise<void>
}

/** Schedules what is due, one pod after another, whenever it is woken. */
export function createSchedulingLoop(options: {
  /** The next pod that is due; undefined while none is. */
  pop: () => QueuedPod | undefined
  schedule: (queued: QueuedPod) => void
  log: Logger
}): SchedulingLoop {
  const { pop, schedule, log } = options
  let running: Promise<void> | undefined
  let isDue = false
  let stopped = false

  async function run(): Promise<void> {
    let turnStart = performance.now()
    for (let queued = pop(); queued && !stopped; queued = pop()) {
      schedule(queued)
      if (performance.now() - turnStart < turnMs) continue
      await nextTurn()
      turnStart = performance.now()
    }
  }

  function start(): void {
    isDue = false
    running = nextTurn()
      .then(run)
      .catch((error: unknown) => log.error('scheduling loop failed', { error }))
      .finally(() => {
        running = undefined
        if (isDue && !stopped) start()
      })
  }

  return {
    wake() {
      isDue = true
      if (!running && !stopped) start()
    },
    async stop() {
      stopped = true
      await running
    },
  }
}
