import type { Clock } from '../../util/clock.ts'

const longestSeconds = 32

interface Dropped {
  second: number
  count: number
}

/**
 * How long clients of a priority level are asked to stay away, in seconds: twice as long as before when many requests are
 * still dropped, a second less when few are (upstream: dropped_requests_tracker.go).
 */
export class RetryAfter {
  readonly #clock: Clock
  #history: Dropped[] = []
  #current: Dropped = { second: 0, count: 0 }
  #changedAt = 0
  seconds = 1

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts a request that was dropped. */
  record(): void {
    const second = Math.floor(this.#clock.now() / 1000)
    if (this.#current.second === second) {
      this.#current.count++
      return
    }
    const oldest = second - Math.min(2 * this.seconds, longestSeconds)
    this.#history = [...this.#history, this.#current].filter((past) => past.second >= oldest)
    this.#current = { second, count: 1 }
    this.#adjust(second)
  }

  #adjust(now: number): void {
    const { seconds } = this
    const dropped = this.#history
      .filter(({ second }) => now - second <= seconds && second < now)
      .reduce((sum, { count }) => sum + count, 0)
    if (now - this.#changedAt >= seconds && dropped >= 3 * seconds) {
      this.seconds = Math.min(2 * seconds, longestSeconds)
      this.#changedAt = now
    } else if (dropped < seconds && seconds > 1) this.seconds--
  }
}
