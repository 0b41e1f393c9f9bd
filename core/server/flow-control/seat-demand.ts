import type { Clock } from '../../util/clock.ts'

/** How many seats a priority level could have used over a period. */
export interface DemandFigures {
  highWatermark: number
  average: number
  deviation: number
  /** Falls slowly after a peak: half of it is gone after five minutes. */
  smoothed: number
}

/** How much of the last figure stays at each adjustment (upstream: seatDemandSmoothingCoefficient). */
const smoothing = 0.977

/** Integrates the seats wanted over time (upstream: fairqueuing/integrator.go and seatDemandStats). */
export class SeatDemand {
  readonly #clock: Clock
  #since: number
  #last: number
  #value = 0
  #integral = 0
  #squares = 0
  #max = 0
  #smoothed = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = this.#last = clock.now()
  }

  set(value: number): void {
    const now = this.#clock.now()
    if (now !== this.#last) this.#integrate(now)
    this.#value = value
    if (value > this.#max) this.#max = value
  }

  /** The figures since the last call. */
  take(): DemandFigures {
    const now = this.#clock.now()
    this.#integrate(now)
    const duration = now - this.#since
    const highWatermark = this.#max
    let average = this.#value
    let deviation = 0
    if (duration > 0) {
      average = this.#integral / duration
      deviation = Math.sqrt(Math.max(0, this.#squares / duration - average * average))
      const envelope = average + deviation
      this.#smoothed = Math.max(envelope, smoothing * this.#smoothed + (1 - smoothing) * envelope)
    }
    this.#since = now
    this.#integral = this.#squares = 0
    this.#max = this.#value
    return { highWatermark, average, deviation, smoothed: this.#smoothed }
  }

  #integrate(now: number): void {
    const time = now - this.#last
    this.#integral += this.#value * time
    this.#squares += this.#value * this.#value * time
    this.#last = now
  }
}
