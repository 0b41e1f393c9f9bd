import type { CelDouble, CelInt, CelUint } from './numbers.ts'
import type { CelDuration, CelTimestamp } from './time.ts'

/**
 * Everything an expression can yield. Integers are numbers (or BigInts beyond 2^53), doubles a class; errors are values,
 * since `&&` and `||` absorb them.
 */
export type CelValue =
  | boolean
  | string
  | CelInt
  | null
  | CelUint
  | CelDouble
  | Uint8Array
  | CelTimestamp
  | CelDuration
  | CelList
  | CelMap
  | CelOptional
  | CelOpaque
  | TypeValue
  | CelError

/** A list; JSON ones read their items when they are asked for. */
export abstract class CelList {
  abstract readonly length: number
  /** The item at an index that is known to exist. */
  abstract at(index: number): CelValue

  *[Symbol.iterator](): Iterator<CelValue> {
    for (let index = 0; index < this.length; index++) yield this.at(index)
  }
}

/** A map, or an object read member by member. */
export abstract class CelMap {
  /** The name of its type: `map`, or an object's. */
  abstract readonly typeName: string
  abstract readonly size: number
  /** Undefined when there is no such member. */
  abstract get(key: CelValue): CelValue | undefined
  abstract has(key: CelValue): boolean
  abstract keys(): CelValue[]
}

/** What went wrong in an evaluation, with cel-go's message. */
export class CelError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** A value that may be missing. */
export class CelOptional {
  readonly value: CelValue | undefined
  constructor(value: CelValue | undefined) {
    this.value = value
  }
}
/** The optional without a value. */
export const none = new CelOptional(undefined)

/** A type as a value: what `type(x)` yields. */
export class TypeValue {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A value of a library's own type, such as a quantity. */
export abstract class CelOpaque {
  /** The name of its type, e.g. `kubernetes.Quantity`. */
  abstract readonly typeName: string
  /** Whether another value of the same class is the same. */
  abstract isEqualTo(other: CelOpaque): boolean
}

/** Functions and operators were called with values that no overload takes. */
export const noSuchOverload = new CelError('no such overload')

/** The error of a member that is not there. */
export function noSuchKey(key: CelValue): CelError {
  return new CelError(
    `no such key: ${typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key)}`,
  )
}
