/** Delays of a retry loop: doubling from `minMs` to `maxMs`, each lengthened by up to `jitter` of itself. */
export interface RetryDelay {
  /** The next delay in milliseconds. */
  next(): number
  /** Begins at `minMs` again. */
  reset(): void
}

/** Jitter keeps many clients from coming back at the same instant; `random` is injectable for tests. */
export function createRetryDelay(options: {
  minMs: number
  maxMs: number
  jitter: number
  random: () => number
}): RetryDelay {
  const { minMs, maxMs, jitter, random } = options
  let delay = minMs
  return {
    next() {
      const current = delay
      delay = Math.min(delay * 2, maxMs)
      return Math.round(current * (1 + jitter * random()))
    },
    reset() {
      delay = minMs
    },
  }
}
