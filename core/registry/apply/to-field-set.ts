import type { SchemaNode } from '../schema/node.ts'
import { childSet, emptySet, pruneEmpty } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { isMembers, itemElement, memberNode, namedField, shapeOf, itemsByElement } from './typed-value.ts'

/** The fields that a configuration speaks of, nulls among them (structured-merge-diff: ToFieldSet). */
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
      if (member === undefined) continue
      const child = childSet(set, `f:${name}`)
      collect(child, member, memberNode(node, name))
      const saysNothing = member === null || (isMembers(member) && Object.keys(member).length === 0)
      if (saysNothing || !namedField(node, name)) child.isMember = true
    }
  } else if (shape.kind === 'items' && Array.isArray(value)) {
    const seen = new Set<string>()
    for (const item of value as unknown[]) {
      const element = itemElement(shape.list, item)
      const child = childSet(set, element)
      // Of items that share a key nobody can own a part.
      if (seen.has(element)) child.children.clear()
      else collect(child, item, shape.list.items)
      seen.add(element)
      child.isMember = true
    }
  } else {
    set.isMember = true
  }
}

/** The leaves to which a configuration gives null where the live value has something. */
export function emptiedFields(live: unknown, config: unknown, node: SchemaNode): FieldSet {
  const set = emptySet()
  collectEmptied(set, [live, config], node)
  return pruneEmpty(set)
}

function collectEmptied(set: FieldSet, [live, config]: [unknown, unknown], node: SchemaNode): void {
  if (live === undefined || live === null) return
  const shape = shapeOf(node)
  if (config === null) set.isMember = shape.kind === 'leaf'
  else if (shape.kind === 'members' && isMembers(live) && isMembers(config)) {
    for (const [name, member] of Object.entries(config)) {
      if (typeof member !== 'object' || !Object.hasOwn(live, name)) continue
      collectEmptied(childSet(set, `f:${name}`), [live[name], member], memberNode(node, name))
    }
  } else if (shape.kind === 'items' && Array.isArray(live) && Array.isArray(config)) {
    const known = itemsByElement(shape.list, live)
    for (const item of config as unknown[]) {
      const element = itemElement(shape.list, item)
      collectEmptied(childSet(set, element), [known.get(element), item], shape.list.items)
    }
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
