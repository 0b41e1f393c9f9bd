import type { Clock } from '../util/clock.ts'

/** Resolves after `delayMs` of the clock's time, or at once when the signal aborts. Never rejects. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = clock.after(delayMs, finish)
    signal.addEventListener('abort', finish, { once: true })
  })
}
