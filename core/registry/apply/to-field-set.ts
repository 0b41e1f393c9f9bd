import type { SchemaNode } from '../schema/node.ts'
import { childSet, emptySet, pruneEmpty } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { isMembers, itemElement, memberNode, namedField, shapeOf } from './typed-value.ts'

/** The fields that a configuration speaks of (structured-merge-diff: ToFieldSet). Nulls count as not there. */
export function toFieldSet(value: unknown, node: SchemaNode): FieldSet {
  const set = emptySet()
  collect(set, value, node)
  set.isMember = false
  return pruneEmpty(set)
}

function collect(set: FieldSet, value: unknown, node: SchemaNode): void {
  const shape = shapeOf(node)
  if (shape.kind === 'members' && isMembers(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (member === null || member === undefined) continue
      const child = childSet(set, `f:${name}`)
      collect(child, member, memberNode(node, name))
      const isEmptyObject = isMembers(member) && Object.keys(member).length === 0
      if (isEmptyObject || !namedField(node, name)) child.isMember = true
    }
  } else if (shape.kind === 'items' && Array.isArray(value)) {
    for (const item of value as unknown[]) {
      const child = childSet(set, itemElement(shape.list, item))
      collect(child, item, shape.list.items)
      child.isMember = true
    }
  } else {
    set.isMember = true
  }
}

/**
 * The set with every struct field on the way to a member made a member too, so that removing what it names removes the
 * structs that only held it (structured-merge-diff: EnsureNamedFieldsAreMembers).
 */
export function withNamedFields(set: FieldSet, node: SchemaNode): FieldSet {
  const result: FieldSet = { isMember: set.isMember, children: new Map() }
  for (const [element, child] of set.children) {
    const name = element.startsWith('f:') ? element.slice(2) : undefined
    const next = name !== undefined ? memberNode(node, name) : node.kind === 'list' ? node.items : node
    const named = withNamedFields(child, next)
    if (name !== undefined && namedField(node, name)) named.isMember = true
    result.children.set(element, named)
  }
  return result
}
