import { jsonEqual } from '../json-equal.ts'
import type { ListNode, SchemaNode } from '../schema/node.ts'
import type { FieldSet } from './field-set.ts'
import { nullMembers } from './new-fields.ts'
import { SetBuilder } from './set-builder.ts'
import type { ElementPath } from './set-builder.ts'
import { isAtomic, isMembers, itemElement, memberNode } from './typed-value.ts'

/** How one object differs from another: no field is in more than one of the sets. */
export interface Comparison {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

/** Compares two values of a type field by field (structured-merge-diff: Compare). */
export function compareTyped(before: unknown, after: unknown, node: SchemaNode): Comparison {
  const comparer = new Comparer()
  comparer.walk(before, after, node)
  const { added, modified, removed } = comparer
  return { added: added.set, modified: modified.set, removed: removed.set }
}

/** Of what has members or items a null has none; a null in the place of a leaf is a value. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

class Comparer {
  readonly #path: ElementPath = []
  readonly added = new SetBuilder(this.#path)
  readonly modified = new SetBuilder(this.#path)
  readonly removed = new SetBuilder(this.#path)

  walk(before: unknown, after: unknown, node: SchemaNode): void {
    if (before === after) return
    if (isAtomic(node)) return this.#markWhole(before, after)
    if (node.kind === 'list') this.#walkList(before, after, node)
    else this.#walkMembers(before, after, node)
  }

  #step(element: string, pair: [before: unknown, after: unknown], node: SchemaNode): void {
    this.#path.push(element)
    this.walk(pair[0], pair[1], node)
    this.#path.pop()
  }

  #walkMembers(before: unknown, after: unknown, node: SchemaNode): void {
    const left = isMembers(before) ? before : undefined
    const right = isMembers(after) ? after : undefined
    if ((!left && !isAbsent(before)) || (!right && !isAbsent(after))) return this.#markWhole(before, after)
    let isEmpty = true
    for (const name in right) {
      isEmpty = false
      const old = left?.[name]
      if (old !== right[name]) this.#step(`f:${name}`, [old, right[name]], memberNode(node, name))
    }
    for (const name in left) {
      isEmpty = false
      if (right && name in right) continue
      if (left[name] !== undefined) this.#step(`f:${name}`, [left[name], undefined], memberNode(node, name))
    }
    if (!left && right) this.#markNulls(right, node, this.added)
    else if (left && !right) this.#markNulls(left, node, this.removed)
    if (isEmpty) this.#markWhole(before, after)
    else this.#markPresence(before, after)
  }

  /** What Go writes as null comes and goes with what it is in. */
  #markNulls(value: Record<string, unknown>, node: SchemaNode, fields: SetBuilder): void {
    for (const name of nullMembers(node)) {
      if (value[name] !== undefined) continue
      this.#path.push(`f:${name}`)
      fields.mark()
      this.#path.pop()
    }
  }

  #walkList(before: unknown, after: unknown, node: ListNode): void {
    const left = Array.isArray(before) ? (before as unknown[]) : undefined
    const right = Array.isArray(after) ? (after as unknown[]) : undefined
    if ((!left && !isAbsent(before)) || (!right && !isAbsent(after))) return this.#markWhole(before, after)
    if (!left?.length && !right?.length) return this.#markWhole(before, after)
    // Naming the items costs more than looking whether anything differs.
    if (left && right && jsonEqual(left, right)) return
    const old = itemsOf(left, node)
    const now = itemsOf(right, node)
    for (const [element, item] of now) this.#walkItem(element, [old.get(element), item], node)
    for (const [element, item] of old) {
      if (!now.has(element)) this.#walkItem(element, [item, undefined], node)
    }
    this.#markPresence(before, after)
  }

  #walkItem(element: string, [before, after]: [unknown, unknown], { items }: ListNode): void {
    // Several items of one key can only be told apart as a whole (structured-merge-diff: duplicates).
    if (before instanceof Duplicates || after instanceof Duplicates) {
      this.#path.push(element)
      this.#markWhole(wholeOf(before), wholeOf(after))
      this.#path.pop()
    } else this.#step(element, [before, after], items)
  }

  #markPresence(before: unknown, after: unknown): void {
    if (before === undefined) {
      if (after !== undefined) this.added.mark()
    } else if (after === undefined) this.removed.mark()
  }

  #markWhole(before: unknown, after: unknown): void {
    if (before === undefined || after === undefined) this.#markPresence(before, after)
    else if (!jsonEqual(before, after)) this.modified.mark()
  }
}

class Duplicates {
  readonly items: unknown[]
  constructor(items: unknown[]) {
    this.items = items
  }
}

function wholeOf(value: unknown): unknown {
  return value instanceof Duplicates ? value.items : value === undefined ? undefined : [value]
}

function itemsOf(items: readonly unknown[] = [], node: ListNode): Map<string, unknown> {
  const byElement = new Map<string, unknown>()
  for (const item of items) {
    const element = itemElement(node, item)
    const known = byElement.get(element)
    if (known === undefined) byElement.set(element, item)
    else if (known instanceof Duplicates) known.items.push(item)
    else byElement.set(element, new Duplicates([known, item]))
  }
  return byElement
}
