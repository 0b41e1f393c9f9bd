import type { Clock } from './clock.ts'

interface Timer {
  at: number
  task: () => void
  periodMs: number | undefined
}

/** A clock for tests: time stands still until `advance` moves it, running what falls due in order. */
export class FakeClock implements Clock {
  #now: number
  #timers = new Set<Timer>()

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): Disposable {
    return this.#add({ at: this.#now + delayMs, task, periodMs: undefined })
  }

  every(periodMs: number, task: () => void): Disposable {
    return this.#add({ at: this.#now + periodMs, task, periodMs })
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time forward by `ms`, running due tasks in order of their time, and lets promises settle between them. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#now = due.at
      if (due.periodMs === undefined) this.#timers.delete(due)
      else due.at += due.periodMs
      due.task()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#now = end
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** The clock is set ahead, as after the machine slept: timers keep what is left of their delays. */
  jump(ms: number): void {
    this.#now += ms
    for (const timer of this.#timers) timer.at += ms
  }

  #add(timer: Timer): Disposable {
    this.#timers.add(timer)
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) }
  }
}
