import { goFloat } from '../../api/go-text.ts'

/** A 64-bit unsigned integer. */
export class CelUint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** A floating-point number; plain numbers are integers. */
export class CelDouble {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** An integer of 64 bits: a number where that is exact, else a BigInt. Each integer has one form. */
export type CelInt = number | bigint

const minInt = -(2n ** 63n)
const maxInt = 2n ** 63n - 1n
const maxUint = 2n ** 64n - 1n

/** Whether a value is an integer. */
export function isInt(value: unknown): value is CelInt {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** An integer in its one form; undefined when it does not fit 64 bits. */
export function toInt(value: bigint): CelInt | undefined {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value)
  return value < minInt || value > maxInt ? undefined : value
}

/** An unsigned integer; undefined when it does not fit 64 bits. */
export function toUint(value: bigint): CelUint | undefined {
  return value < 0n || value > maxUint ? undefined : new CelUint(value)
}

/** The number behind any numeric value, for comparisons; undefined for other values. */
export function numericOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return value instanceof CelDouble || value instanceof CelUint ? value.value : undefined
}

/** A double as Go's `%v` prints it. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return Object.is(value, -0) ? '-0' : goFloat(value)
}
