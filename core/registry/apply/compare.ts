import { jsonEqual } from '../json-equal.ts'
import type { SchemaNode } from '../schema/node.ts'
import { childSet, emptySet, pruneEmpty } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { isMembers, itemsByElement, memberNode, shapeOf } from './typed-value.ts'

/** How one object differs from another: no field is in more than one of the sets. */
export interface Comparison {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

/** Compares two values of a type field by field (structured-merge-diff: Compare). */
export function compareTyped(before: unknown, after: unknown, node: SchemaNode): Comparison {
  const result: Comparison = { added: emptySet(), modified: emptySet(), removed: emptySet() }
  walk(result, { before, after, node })
  for (const set of [result.added, result.modified, result.removed]) {
    set.isMember = false
    pruneEmpty(set)
  }
  return result
}

interface Pair {
  before: unknown
  after: unknown
  node: SchemaNode
}

function walk(at: Comparison, { before, after, node }: Pair): void {
  if (before === after) return
  const shape = shapeOf(node)
  if (shape.kind === 'members' && couldBe(isMembers, before, after)) {
    const left = isMembers(before) ? before : {}
    const right = isMembers(after) ? after : {}
    const names = new Set([...Object.keys(left), ...Object.keys(right)])
    if (names.size === 0) return mark(at, before, after)
    for (const name of names) {
      if (left[name] === right[name]) continue
      walk(descend(at, `f:${name}`), { before: left[name], after: right[name], node: memberNode(node, name) })
    }
    markPresence(at, before, after)
  } else if (shape.kind === 'items' && couldBe(Array.isArray, before, after)) {
    const left = itemsByElement(shape.list, Array.isArray(before) ? before : [])
    const right = itemsByElement(shape.list, Array.isArray(after) ? after : [])
    if (left.size + right.size === 0) return mark(at, before, after)
    for (const element of new Set([...left.keys(), ...right.keys()])) {
      const pair = { before: left.get(element), after: right.get(element), node: shape.list.items }
      walk(descend(at, element), pair)
    }
    markPresence(at, before, after)
  } else {
    mark(at, before, after)
  }
}

function couldBe(is: (value: unknown) => boolean, before: unknown, after: unknown): boolean {
  const fits = (value: unknown): boolean => value === undefined || value === null || is(value)
  return fits(before) && fits(after)
}

function descend(at: Comparison, element: string): Comparison {
  return {
    added: childSet(at.added, element),
    modified: childSet(at.modified, element),
    removed: childSet(at.removed, element),
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

function markPresence(at: Comparison, before: unknown, after: unknown): void {
  if (isAbsent(before) && !isAbsent(after)) at.added.isMember = true
  else if (isAbsent(after) && !isAbsent(before)) at.removed.isMember = true
}

function mark(at: Comparison, before: unknown, after: unknown): void {
  if (isAbsent(before) || isAbsent(after)) markPresence(at, before, after)
  else if (!jsonEqual(before, after)) at.modified.isMember = true
}
