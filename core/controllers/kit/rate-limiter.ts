import type { Clock } from '../../util/clock.ts'

/** How long an item waits before it is tried again. */
export interface RateLimiter {
  /** Milliseconds until this item's next try; counts a failure. */
  when(item: string): number
  /** The item went well: its failures are forgotten. */
  forget(item: string): void
  failures(item: string): number
}

export interface RateLimiterOptions {
  clock: Clock
  /** First delay of a failing item; default 5 ms. */
  baseMs?: number
  /** Longest delay of a failing item; default 1000 s. */
  maxMs?: number
  /** Retries per second over all items; default 10. */
  perSecond?: number
  /** Retries at once over all items; default 100. */
  burst?: number
}

/**
 * The longer of a per-item exponential delay (5 ms doubling to 1000 s) and a bucket over all items (10/s, burst 100)
 * (upstream: workqueue.DefaultTypedControllerRateLimiter).
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { clock, baseMs = 5, maxMs = 1_000_000, perSecond = 10, burst = 100 } = options
  const failures = new Map<string, number>()
  let tokens = burst
  let at = clock.now()

  function bucketDelay(): number {
    const now = clock.now()
    tokens = Math.min(burst, tokens + ((now - at) * perSecond) / 1000)
    at = now
    tokens -= 1
    return tokens >= 0 ? 0 : (-tokens * 1000) / perSecond
  }

  return {
    when(item) {
      const count = failures.get(item) ?? 0
      failures.set(item, count + 1)
      return Math.max(Math.min(baseMs * 2 ** count, maxMs), bucketDelay())
    },
    forget: (item) => void failures.delete(item),
    failures: (item) => failures.get(item) ?? 0,
  }
}
