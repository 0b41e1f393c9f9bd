import type { SchemaNode } from '../schema/node.ts'
import { leaf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { memberNode } from './typed-value.ts'

/** What became of sets under a type; sets and types are shared, so that each pair is walked once. */
const known = new WeakMap<SchemaNode, WeakMap<FieldSet, FieldSet>>()

/**
 * A field set under today's schema: what has become atomic since it was written is owned as a whole by who owned a part
 * (structured-merge-diff: ReconcileFieldSetWithSchema). What has become granular stays owned as it was. Gives the set
 * itself when nothing has changed.
 */
export function reconcileSet(set: FieldSet, node: SchemaNode): FieldSet {
  let ofNode = known.get(node)
  if (!ofNode) known.set(node, (ofNode = new WeakMap()))
  let reconciled = ofNode.get(set)
  if (!reconciled) ofNode.set(set, (reconciled = reconcile(set, node)))
  return reconciled
}

function reconcile(set: FieldSet, node: SchemaNode): FieldSet {
  let children: Map<string, FieldSet> | undefined
  for (const [element, child] of set.children) {
    const type = typeOf(element, node)
    if (!type || child.children.size === 0) continue
    const next = isWhole(type) ? leaf : reconcile(child, type)
    if (next !== child) (children ??= new Map(set.children)).set(element, next)
  }
  return children ? { isMember: set.isMember, children } : set
}

function typeOf(element: string, node: SchemaNode): SchemaNode | undefined {
  if (node.kind === 'list') return element.startsWith('f:') ? undefined : node.items
  if (node.kind !== 'struct' && node.kind !== 'map') return undefined
  return element.startsWith('f:') ? memberNode(node, element.slice(2)) : undefined
}

function isWhole(node: SchemaNode): boolean {
  if (node.kind === 'list') return node.listType === 'atomic'
  return (node.kind === 'struct' || node.kind === 'map') && node.atomic
}
