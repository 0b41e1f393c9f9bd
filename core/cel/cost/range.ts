/** A cost or a size between two bounds; `max` is `unbounded` where there is no telling. */
export interface Range {
  min: number
  max: number
}

/** Stands for the largest 64-bit number, where upstream's sums stop. */
export const unbounded = 2 ** 64

const capped = (value: number): number => Math.min(value, unbounded)

export const fixed = (value: number): Range => ({ min: value, max: value })
export const unknownRange: Range = { min: 0, max: unbounded }
export const zero: Range = fixed(0)

/** The sum of two ranges. */
export function add(a: Range, b: Range): Range {
  return { min: capped(a.min + b.min), max: capped(a.max + b.max) }
}
/** The product of two ranges. */
export function multiply(a: Range, b: Range): Range {
  return { min: capped(a.min * b.min), max: capped(a.max * b.max) }
}
/** A range times a factor, rounded up. */
export function scale(a: Range, factor: number): Range {
  return { min: capped(Math.ceil(a.min * factor)), max: capped(Math.ceil(a.max * factor)) }
}
/** What holds both ranges. */
export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
}
