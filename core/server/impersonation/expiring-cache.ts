import type { Clock } from '../../util/clock.ts'

const lifeMs = 10_000
const maxEntries = 10_000

/** Remembers who may act as whom for ten seconds, as long as upstream does (impersonationCache); the oldest go first. */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, { value: T; until: number }>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (!entry || entry.until > this.#clock.now()) return entry?.value
    this.#entries.delete(key)
    return undefined
  }

  set(key: string, value: T): void {
    const now = this.#clock.now()
    this.#entries.delete(key)
    this.#entries.set(key, { value, until: now + lifeMs })
    for (const [oldest, { until }] of this.#entries) {
      if (until > now && this.#entries.size <= maxEntries) break
      this.#entries.delete(oldest)
    }
  }
}
