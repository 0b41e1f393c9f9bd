import type { StoreEvent } from './store.ts'

/** How much of the recent past stays in memory. */
export interface RingLimits {
  events: number
  bytes: number
}

/**
 * The most recent events in revision order, bounded by count and bytes. It answers for every revision from `floor` on:
 * all events after `floor` are in it.
 */
export class EventRing {
  #limits: RingLimits
  /** From `#start` on; what is before it was dropped, and is cut off now and then rather than at each event. */
  #events: Array<StoreEvent | undefined> = []
  #start = 0
  #bytes = 0
  #floor: number

  constructor(floor: number, limits: RingLimits) {
    this.#floor = floor
    this.#limits = limits
  }

  /** Oldest revision after which no event is missing here. */
  get floor(): number {
    return this.#floor
  }

  push(event: StoreEvent): void {
    this.#events.push(event)
    this.#bytes += event.entry.bytes.length
    while (
      this.#events.length - this.#start > this.#limits.events ||
      (this.#bytes > this.#limits.bytes && this.#start < this.#events.length)
    ) {
      const dropped = this.#events[this.#start]!
      // Let go of at once: until the array is cut it would be up to as much again as the limit allows.
      this.#events[this.#start++] = undefined
      this.#floor = dropped.entry.revision
      this.#bytes -= dropped.entry.bytes.length
    }
    if (this.#start > 1024 && this.#start * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#start)
      this.#start = 0
    }
  }

  /** Events after `revision` whose key starts with `prefix`, oldest first. `revision` must not be below `floor`. */
  after(revision: number, prefix: string): StoreEvent[] {
    let low = this.#start
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#events[middle]!.entry.revision <= revision) low = middle + 1
      else high = middle
    }
    const found: StoreEvent[] = []
    for (let at = low; at < this.#events.length; at++) {
      const event = this.#events[at]!
      if (event.entry.key.startsWith(prefix)) found.push(event)
    }
    return found
  }
}
