import { childSet, emptySet } from './field-set.ts'
import type { FieldSet } from './field-set.ts'

/** Where a walk over a value is: the elements on the way there. Shared by the sets that the walk fills. */
export type ElementPath = string[]

/** Builds a set out of the places a walk marks; nothing is made of the places it only passes. */
export class SetBuilder {
  readonly set: FieldSet = emptySet()
  readonly #path: ElementPath
  /** The nodes of the path as far as it is the one of the last mark. */
  #marked: string[] = []
  #nodes: FieldSet[] = [this.set]

  constructor(path: ElementPath) {
    this.#path = path
  }

  /** Puts the place where the walk is into the set. The root is never a member. */
  mark(): void {
    const path = this.#path
    let depth = 0
    while (depth < path.length && depth < this.#marked.length && path[depth] === this.#marked[depth]) depth++
    this.#marked.length = depth
    this.#nodes.length = depth + 1
    for (; depth < path.length; depth++) {
      const element = path[depth]!
      this.#marked.push(element)
      this.#nodes.push(childSet(this.#nodes[depth]!, element))
    }
    if (depth > 0) this.#nodes[depth]!.isMember = true
  }
}
