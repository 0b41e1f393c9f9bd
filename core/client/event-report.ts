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
