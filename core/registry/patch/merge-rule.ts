import { goQuote } from '../../api/go-text.ts'
import type { SchemaNode } from '../schema/node.ts'
import { mergeFailure } from './merge-failures.ts'

const anything: SchemaNode = { kind: 'any' }

/** How a member is merged. */
export interface MergeRule {
  node: SchemaNode
  mergeKey: string | undefined
  /** `merge` or `replace`; undefined for the default: objects merge, lists are replaced. */
  strategy: string | undefined
}

/** The rule of a member of an object of type `node`. Throws PatchError for what the type does not have. */
export function ruleOf(node: SchemaNode, key: string): MergeRule {
  if (node.kind === 'map')
    throw mergeFailure('merging an object in json but data type is not struct, instead is: map')
  if (node.kind !== 'struct') return { node: anything, mergeKey: undefined, strategy: undefined }
  const field = node.fields.get(key)
  if (!field) {
    if (node.rest) return { node: node.rest, mergeKey: undefined, strategy: undefined }
    throw mergeFailure(`unable to find api field in struct ${node.name} for the json field ${goQuote(key)}`)
  }
  const strategy = field.patchStrategies.find((name) => name !== 'retainKeys')
  return { node: field.node, mergeKey: field.mergeKey, strategy }
}

/** The rule of a member that must be a list. */
export function listRuleOf(node: SchemaNode, key: string): MergeRule {
  const rule = ruleOf(node, key)
  if (rule.node.kind !== 'list' && rule.node.kind !== 'any')
    throw mergeFailure('expected slice or array type, but got: struct')
  return rule
}

/** The type of a list's items. */
export function itemsOf(node: SchemaNode): SchemaNode {
  return node.kind === 'list' ? node.items : anything
}
