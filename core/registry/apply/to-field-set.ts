import type { ListNode, SchemaNode } from '../schema/node.ts'
import { emptySet, isEmptySet, leaf, ownChildren, union } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { isEmptyStruct } from './new-fields.ts'
import { isMembers, itemElement, memberNode, namedField, shapeOf, itemsByElement } from './typed-value.ts'
import type { Members } from './typed-value.ts'

/** The fields that a configuration speaks of, nulls among them (structured-merge-diff: ToFieldSet). */
export function toFieldSet(value: unknown, node: SchemaNode): FieldSet {
  return { isMember: false, children: fieldsOf(value, node).children }
}

function fieldsOf(value: unknown, node: SchemaNode): FieldSet {
  const shape = shapeOf(node)
  if (shape.kind === 'members' && isMembers(value)) return fieldsOfMembers(value, node)
  if (shape.kind === 'items' && Array.isArray(value)) return fieldsOfItems(value, shape.list)
  return leaf
}

function fieldsOfMembers(value: Members, node: SchemaNode): FieldSet {
  const set = emptySet()
  for (const name of Object.keys(value)) {
    const member = value[name]
    if (member === undefined) continue
    const fields = fieldsOf(member, memberNode(node, name))
    const saysNothing = member === null || isEmptyStruct(member)
    const child = saysNothing || !namedField(node, name) ? asMember(fields) : fields
    if (!isEmptySet(child)) ownChildren(set).set(`f:${name}`, child)
  }
  return set
}

function fieldsOfItems(items: readonly unknown[], list: ListNode): FieldSet {
  const set = emptySet()
  for (const item of items) {
    const element = itemElement(list, item)
    // Of items that share a key nobody can own a part.
    const child = set.children.has(element) ? leaf : asMember(fieldsOf(item, list.items))
    ownChildren(set).set(element, child)
  }
  return set
}

function asMember(set: FieldSet): FieldSet {
  if (set.isMember) return set
  return set.children.size === 0 ? leaf : { isMember: true, children: set.children }
}

/** The leaves to which a configuration gives null where the live value has something. */
export function emptiedFields(live: unknown, config: unknown, node: SchemaNode): FieldSet {
  const set = emptySet()
  collectEmptied(set, [live, config], node)
  return set
}

function collectEmptied(set: FieldSet, [live, config]: [unknown, unknown], node: SchemaNode): void {
  if (live === undefined || live === null) return
  const shape = shapeOf(node)
  if (config === null) set.isMember = shape.kind === 'leaf'
  else if (shape.kind === 'members' && isMembers(live) && isMembers(config)) {
    for (const name of Object.keys(config)) {
      const member = config[name]
      if (typeof member !== 'object' || !Object.hasOwn(live, name)) continue
      addEmptied(set, [`f:${name}`, live[name], member], memberNode(node, name))
    }
  } else if (shape.kind === 'items' && Array.isArray(live) && Array.isArray(config)) {
    const known = itemsByElement(shape.list, live)
    for (const item of config as unknown[]) {
      const element = itemElement(shape.list, item)
      addEmptied(set, [element, known.get(element), item], shape.list.items)
    }
  }
}

/** Adds what is emptied below an element, if anything is. */
function addEmptied(
  set: FieldSet,
  [element, live, config]: [element: string, live: unknown, config: unknown],
  node: SchemaNode,
): void {
  const child = emptySet()
  collectEmptied(child, [live, config], node)
  const known = set.children.get(element)
  if (!isEmptySet(child)) ownChildren(set).set(element, known ? union(known, child) : child)
}

/** The places of maps and lists that hold nothing. */
export function emptyFields(value: unknown, node: SchemaNode): FieldSet {
  const shape = shapeOf(node)
  const set = emptySet()
  if (shape.kind === 'members' && isMembers(value)) {
    const names = Object.keys(value)
    set.isMember = names.length === 0
    for (const name of names) addEmpty(set, `f:${name}`, emptyFields(value[name], memberNode(node, name)))
  } else if (shape.kind === 'items' && Array.isArray(value)) {
    set.isMember = value.length === 0
    for (const item of value)
      addEmpty(set, itemElement(shape.list, item), emptyFields(item, shape.list.items))
  }
  return set
}

function addEmpty(set: FieldSet, element: string, child: FieldSet): void {
  if (!isEmptySet(child)) ownChildren(set).set(element, child)
}

/**
 * The set with every struct field on the way to a member made a member too, so that removing what it names removes the
 * structs that only held it (structured-merge-diff: EnsureNamedFieldsAreMembers).
 */
export function withNamedFields(set: FieldSet, node: SchemaNode): FieldSet {
  let children: Map<string, FieldSet> | undefined
  for (const [element, child] of set.children) {
    const name = element.startsWith('f:') ? element.slice(2) : undefined
    const next = name !== undefined ? memberNode(node, name) : node.kind === 'list' ? node.items : node
    let named = child.children.size > 0 ? withNamedFields(child, next) : child
    if (!named.isMember && name !== undefined && namedField(node, name))
      named = { isMember: true, children: named.children }
    if (named !== child) (children ??= new Map(set.children)).set(element, named)
  }
  return children ? { isMember: set.isMember, children } : set
}
