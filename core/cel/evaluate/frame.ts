import { CelError } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'

/** The cost of one evaluation went beyond its limit; nothing absorbs that. */
export class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded')
  }
}

/** The state of one evaluation: variables by slot, and what it has cost so far. */
export class Frame {
  readonly slots: (CelValue | undefined)[]
  readonly #limit: number
  cost = 0

  constructor(slotCount: number, limit: number) {
    this.slots = new Array<CelValue | undefined>(slotCount)
    this.#limit = limit
  }

  /** Counts a cost; throws CostExceeded beyond the limit. */
  charge(cost: number): void {
    this.cost += cost
    if (this.cost > this.#limit) throw new CostExceeded()
  }
}

/** A compiled node: yields its value, or a CelError. */
export type Evaluate = (frame: Frame) => CelValue

/** A compiled node with what others around it need to know. */
export interface Planned {
  run: Evaluate
  /** The value of one that never changes; it costs nothing. */
  constant?: CelValue
  /**
   * The same without the cost of reading a variable: where upstream resolves an attribute inside another one (as an
   * index, or a branch of a conditional), it does not count that (cel-go: interpreter/runtimecost.go Observe).
   */
  resolve?: Evaluate
}

/** The cheapest way to a node's value inside an attribute. */
export function resolving({ resolve, run }: Planned): Evaluate {
  return resolve ?? run
}

/** A node whose value never changes. */
export function constantNode(value: CelValue): Planned {
  return { run: () => value, constant: value }
}

/** An attribute: reading it costs 1 beside its parts. */
export function attribute(resolve: Evaluate): Planned {
  return {
    resolve,
    run(frame) {
      const value = resolve(frame)
      frame.charge(1)
      return value
    },
  }
}

/** A variable in a slot; one that was given no value is not there. */
export function slotNode(slot: number, name: string): Planned {
  return attribute((frame) => frame.slots[slot] ?? missing(frame.slots[slot], name))
}

function missing(value: CelValue | undefined, name: string): CelValue {
  return value === undefined ? new CelError(`no such attribute(s): ${name}`) : value
}
