import type { SchemaNode } from '../schema/node.ts'
import { isEmptyStruct, isZero } from './new-fields.ts'
import { isAtomic, itemElement, memberNode } from './typed-value.ts'

/** Each is a step of the way; unlike the names between them, which may be any text, they are known by identity. */
const value = Symbol('value')
const zero = Symbol('zero')
const members = Symbol('members')
const items = Symbol('items')
const end = Symbol('end')

/**
 * What is remembered of objects by their shape: objects of one shape set the same fields. A shape is names, keys of list
 * items and where values are zero, but no values. It is found step by step, without writing it down.
 */
export class Shapes<T> {
  readonly #maxSteps: number
  /** Where the ways of objects end that are too large to be remembered. */
  readonly #nowhere = new Step<T>()
  /** How many steps more an object may take. */
  #left = 0
  #starts = new Map<string, Step<T>>()
  #steps = 0

  /** Forgets everything when it has come to know so many steps. */
  constructor(maxSteps: number) {
    this.#maxSteps = maxSteps
  }

  /**
   * Where the way of this object ends, by its type; `owner` keeps apart what is remembered of one shape. Undefined for one that would take
   * a large part of all that is remembered.
   */
  placeOf(owner: string, object: unknown, node: SchemaNode): Place<T> | undefined {
    if (this.#steps > this.#maxSteps) {
      this.#starts.clear()
      this.#steps = 0
    }
    let start = this.#starts.get(owner)
    if (!start) this.#starts.set(owner, (start = new Step<T>()))
    this.#left = this.#maxSteps / 4
    const end = this.#walk(start, object, node)
    return end === this.#nowhere ? undefined : end
  }

  #walk(from: Step<T>, at: unknown, node: SchemaNode): Step<T> {
    if (typeof at !== 'object' || at === null) return this.#next(from, isZero(at) ? zero : value)
    if (isAtomic(node)) return this.#next(from, isEmptyStruct(at) ? zero : value)
    if (node.kind === 'list') {
      // What validation refuses later is nobody's item.
      if (!Array.isArray(at)) return this.#next(from, value)
      let step = this.#next(from, items)
      for (const item of at as unknown[]) {
        step = this.#walk(this.#next(step, itemElement(node, item)), item, node.items)
        if (step === this.#nowhere) return step
      }
      return this.#next(step, end)
    }
    let step = this.#next(from, members)
    for (const name in at) {
      const member = (at as Record<string, unknown>)[name]
      if (member !== undefined) step = this.#walk(this.#next(step, name), member, memberNode(node, name))
      if (step === this.#nowhere) return step
    }
    return this.#next(step, end)
  }

  #next(from: Step<T>, way: string | symbol): Step<T> {
    if (from === this.#nowhere || this.#left-- <= 0) return this.#nowhere
    const known = from.after(way)
    if (known) return known
    this.#steps++
    return from.add(way)
  }
}

/** Where something can be left and found again. */
export interface Place<T> {
  content: T | undefined
}

/** Most steps have one that follows: only others need a map. */
class Step<T> implements Place<T> {
  content: T | undefined
  #way: string | symbol | undefined
  #next: Step<T> | undefined
  #others: Map<string | symbol, Step<T>> | undefined

  after(way: string | symbol): Step<T> | undefined {
    return way === this.#way ? this.#next : this.#others?.get(way)
  }

  add(way: string | symbol): Step<T> {
    const next = new Step<T>()
    if (this.#next) (this.#others ??= new Map<string | symbol, Step<T>>()).set(way, next)
    else {
      this.#way = way
      this.#next = next
    }
    return next
  }
}
