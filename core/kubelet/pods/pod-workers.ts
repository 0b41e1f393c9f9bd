import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'

/** What one pass over a pod asks for. */
export interface SyncResult {
  /** Look again after this time even if nothing happens. */
  requeueAfterMs?: number
}

/** One worker per pod: passes over the same pod never overlap, passes over different pods do (upstream: kubelet pod workers). */
export interface PodWorkers {
  /** Asks for a pass. Asking during a pass gives one more after it. */
  enqueue(uid: string): void
  /** Takes no more work and waits for the running passes. */
  stop(): Promise<void>
}

interface Worker {
  wanted: boolean
  running: Promise<void> | undefined
  timer: Disposable | undefined
  failures: number
}

const firstRetryMs = 1_000
const longestRetryMs = 10_000

interface PodWorkersOptions {
  /** One pass; level-based. A rejection is logged and retried after 1 s doubling to 10 s. */
  sync: (uid: string) => Promise<SyncResult>
  clock: Clock
  log: Logger
}

/** Workers come and go with their pods. */
export function createPodWorkers({ sync, clock, log }: PodWorkersOptions): PodWorkers {
  const workers = new Map<string, Worker>()
  let stopped = false

  async function run(uid: string, worker: Worker): Promise<void> {
    while (worker.wanted && !stopped) {
      worker.wanted = false
      worker.timer?.[Symbol.dispose]()
      worker.timer = undefined
      let delayMs: number | undefined
      try {
        delayMs = (await sync(uid)).requeueAfterMs
        worker.failures = 0
      } catch (error) {
        delayMs = Math.min(firstRetryMs * 2 ** worker.failures, longestRetryMs)
        worker.failures++
        log.warn('pod could not be brought in line', { uid, error })
      }
      if (delayMs !== undefined && !worker.wanted) worker.timer = clock.after(delayMs, () => enqueue(uid))
    }
    worker.running = undefined
    if (!worker.timer && !worker.wanted) workers.delete(uid)
  }

  function enqueue(uid: string): void {
    if (stopped) return
    let worker = workers.get(uid)
    if (!worker) {
      worker = { wanted: false, running: undefined, timer: undefined, failures: 0 }
      workers.set(uid, worker)
    }
    worker.wanted = true
    worker.running ??= run(uid, worker)
  }

  return {
    enqueue,
    async stop() {
      stopped = true
      for (const worker of workers.values()) worker.timer?.[Symbol.dispose]()
      await Promise.all([...workers.values()].flatMap((worker) => worker.running ?? []))
    },
  }
}
