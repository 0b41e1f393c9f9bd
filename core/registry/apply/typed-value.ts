import type { FieldNode, ListNode, SchemaNode } from '../schema/node.ts'

export type Members = Record<string, unknown>

/** How a value takes part in merging and ownership: as one piece, or by its members or items. */
export type Shape =
  { kind: 'leaf' } | { kind: 'members'; node: SchemaNode } | { kind: 'items'; list: ListNode }

const leaf: Shape = { kind: 'leaf' }
const anything: SchemaNode = { kind: 'any' }

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether nothing is known of a type: its values may be anything, and have the shape that they show. */
export function isDeduced(node: SchemaNode): boolean {
  return node.kind === 'map' && node.values === node
}

/** The shape of values of a type. */
export function shapeOf(node: SchemaNode): Shape {
  switch (node.kind) {
    case 'scalar':
    case 'any':
      return leaf
    case 'struct':
    case 'map':
      return node.atomic ? leaf : { kind: 'members', node }
    case 'list':
      return node.listType === 'atomic' ? leaf : { kind: 'items', list: node }
  }
}

/** Whether values of a type are owned and replaced as one piece. */
export function isAtomic(node: SchemaNode): boolean {
  switch (node.kind) {
    case 'scalar':
    case 'any':
      return true
    case 'struct':
    case 'map':
      return node.atomic
    case 'list':
      return node.listType === 'atomic'
  }
}

/** The field of a struct, when the type is one that names it. */
export function namedField(node: SchemaNode, name: string): FieldNode | undefined {
  return node.kind === 'struct' ? node.fields.get(name) : undefined
}

/** The type of a member. */
export function memberNode(node: SchemaNode, name: string): SchemaNode {
  if (node.kind === 'map') return node.values
  return namedField(node, name)?.node ?? (node.kind === 'struct' ? node.rest : undefined) ?? anything
}

/** What identifies an item of a list in a field set: its keys, defaults included, or its value. */
export function itemElement(list: ListNode, item: unknown): string {
  if (list.listType === 'set' || !isMembers(item)) return `v:${JSON.stringify(item)}`
  const [only] = list.mapKeys
  if (list.mapKeys.length === 1 && typeof item[only!] === 'string')
    return `k:{${JSON.stringify(only)}:${JSON.stringify(item[only!])}}`
  const keys: Members = {}
  for (const name of [...list.mapKeys].sort()) {
    const value = keyOf(item, list, name)
    if (value !== undefined) keys[name] = value
  }
  return `k:${JSON.stringify(keys)}`
}

/** The value of one of the keys of an item, which may be null; the default where it is left out. */
export function keyOf(item: Members, list: ListNode, name: string): unknown {
  return item[name] === undefined ? namedField(list.items, name)?.keyDefault : item[name]
}

/** Items by their element, in order; of several with one element the first. */
export function itemsByElement(list: ListNode, items: readonly unknown[]): Map<string, unknown> {
  const byElement = new Map<string, unknown>()
  for (const item of items) {
    const element = itemElement(list, item)
    if (!byElement.has(element)) byElement.set(element, item)
  }
  return byElement
}
