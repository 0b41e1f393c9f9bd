import type { ObjectReference } from '../api/generated/core-v1.ts'

/** What an event says. */
export interface EventText {
  type: 'Normal' | 'Warning'
  /** Short, CamelCase, as upstream names it. */
  reason: string
  message: string
  /** Of series: what was done, e.g. `Binding`. */
  action?: string
  /** Of series: another object that it is about. */
  related?: ObjectReference
}

/** An event that waits to be written. */
export interface EventReport {
  involved: ObjectReference
  event: EventText
  at: number
}

/** Names for events of one writer, `<object>.<hex nanoseconds>` as upstream's: no two are the same. Times in milliseconds. */
export function createEventNames(): (involved: ObjectReference, at: number) => string {
  let last = 0n
  return ({ name }, at) => {
    const nano = BigInt(Math.trunc(at)) * 1_000_000n
    last = nano > last ? nano : last + 1n
    return `${name}.${last.toString(16)}`
  }
}
