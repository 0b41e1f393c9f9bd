import { randomInt } from 'node:crypto'
import type { Service } from '../api/generated/core-v1.ts'
import type { Clock } from '../util/clock.ts'

/** How long a number that was given out stays taken if its request never ends. */
const reservationMs = 30_000

/** Numbers such as ports in use: by the stored Services, and by requests that are still on their way to the store. */
export class ServicePool<Value> {
  #clock: Clock
  #valuesOf: (service: Service) => Value[]
  #reserved = new Map<Value, { owner: string; until: number }>()

  constructor(clock: Clock, valuesOf: (service: Service) => Value[]) {
    this.#clock = clock
    this.#valuesOf = valuesOf
  }

  /** Who has what, given the stored Services. Synchronous, so that nothing comes between asking and `reserve`. */
  taken(services: Service[]): Map<Value, string> {
    const taken = new Map<Value, string>()
    for (const service of services) {
      const owner = ownerOf(service)
      for (const value of this.#valuesOf(service)) {
        taken.set(value, owner)
      }
    }
    const now = this.#clock.now()
    for (const [value, { owner, until }] of this.#reserved) {
      if (until <= now) this.#reserved.delete(value)
      else taken.set(value, owner)
    }
    return taken
  }

  /** Takes values for a request; what is answered gives them back, when it has failed or the Service is stored and holds them itself. */
  reserve(values: Value[], owner: string): () => void {
    const reservation = { owner, until: this.#clock.now() + reservationMs }
    for (const value of values) this.#reserved.set(value, reservation)
    return () => {
      for (const value of values) if (this.#reserved.get(value) === reservation) this.#reserved.delete(value)
    }
  }
}

/** The name under which a Service holds its addresses. */
export function ownerOf({ metadata }: Service): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

/**
 * A free one of `size` candidates: a random one of the upper part first, so that the first `lower` stay free for those
 * who ask for a certain one (upstream: KEP-3070). Undefined when all are taken.
 */
export function pickFree<Value>(
  size: number,
  lower: number,
  candidate: (offset: number) => Value | undefined,
): Value | undefined {
  for (const offset of upperFirst(size, lower)) {
    const found = candidate(offset)
    if (found !== undefined) return found
  }
  return undefined
}

/** All numbers below `size`: those from `lower` on, beginning at a random one, then the others. */
export function* upperFirst(size: number, lower: number): Generator<number> {
  const upper = size - lower
  const start = upper > 0 ? randomInt(upper) : 0
  for (let step = 0; step < upper; step++) yield lower + ((start + step) % upper)
  for (let offset = 0; offset < Math.min(lower, size); offset++) yield offset
}
