import { setImmediate } from 'node:timers/promises'

/** From how many milliseconds on whoever works without a pause lets others go first. */
const longMs = 10

/**
 * Work on the main thread in steps, for which others wait. Between two of them `if (stint.isLong) await stint.rest()` lets others go on
 * when the last took long, and costs a look at the clock when it did not. What was waited for meanwhile counts as work.
 */
export class Stint {
  #since = performance.now()

  /** Whether the work has gone on for long since the last rest. */
  get isLong(): boolean {
    return performance.now() - this.#since >= longMs
  }

  /** Resolves once others have had their turn. */
  async rest(): Promise<void> {
    await setImmediate()
    this.#since = performance.now()
  }
}
