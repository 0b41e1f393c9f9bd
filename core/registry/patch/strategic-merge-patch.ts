import { goType } from '../../api/go-text.ts'
import type { SchemaNode } from '../schema/node.ts'
import { applyOrder, checkOrder, requireKey, requireObject } from './element-order.ts'
import { badFormat, elementType, mergeFailure, unknownDirective, wrongType } from './merge-failures.ts'
import { itemsOf, listRuleOf, ruleOf, type MergeRule } from './merge-rule.ts'
import { directives, withoutDirectives } from './patch-directives.ts'
import { PatchError } from './patch-error.ts'
import { mergeOrders, mergeOrdersBy } from './patch-order.ts'

type Members = Record<string, unknown>

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Applies a strategic merge patch to an object of the type `node` describes (upstream:
 * apimachinery/pkg/util/strategicpatch): lists merge by their merge key, with the directives `$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList/…` and `$setElementOrder/…`. Neither argument is changed; the result may share parts with
 * the document. Throws PatchError.
 */
export function applyStrategicMergePatch(document: unknown, patch: unknown, node: SchemaNode): unknown {
  if (!isObject(patch)) throw new PatchError('a strategic merge patch must be an object', 'malformed')
  return mergeObjects(isObject(document) ? document : {}, patch, node)
}

function mergeObjects(original: Members, patch: Members, node: SchemaNode): Members {
  if (Object.hasOwn(patch, directives.patch)) {
    const directive = patch[directives.patch]
    if (directive === 'replace') return withoutDirectives(patchedAlone(patch)) as Members
    if (directive === 'delete') return {}
    throw unknownDirective(patch)
  }
  const result = retainKeys(original, patch)
  const done = new Set<string>([directives.retainKeys, '__proto__'])
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(directives.setElementOrder)) continue
    done.add(key)
    const member = memberOf(key, 'setElementOrder', order)
    if (member === '__proto__') continue
    orderMember(result, { patch, member, order: order as unknown[] }, node)
    done.add(member)
  }
  for (const [key, value] of Object.entries(patch)) {
    if (done.has(key)) continue
    const isDeletion = key.startsWith(directives.deleteFromPrimitiveList)
    const member = isDeletion ? memberOf(key, 'deleteFromPrimitiveList') : key
    if (member !== '__proto__') mergeMember(result, { key: member, value, isDeletion }, node)
  }
  return result
}

/** What stands beside `$patch`. */
function patchedAlone({ [directives.patch]: _directive, ...rest }: Members): Members {
  return rest
}

/** The member that a directive such as `$setElementOrder/containers` is about. */
function memberOf(key: string, name: 'setElementOrder' | 'deleteFromPrimitiveList', order?: unknown): string {
  if (name === 'setElementOrder' && !Array.isArray(order)) throw wrongType('list', order)
  const prefix = `${directives[name]}/`
  if (key.startsWith(prefix)) return key.slice(prefix.length)
  throw badFormat(name === 'setElementOrder' ? 'setElementOrder list' : 'primitive list')
}

/** A shallow copy of the original with only the keys that `$retainKeys` lists, when it is there. */
function retainKeys(original: Members, patch: Members): Members {
  if (!Object.hasOwn(patch, directives.retainKeys)) return { ...original }
  const list = patch[directives.retainKeys]
  if (!Array.isArray(list)) throw badFormat('retainKeys')
  const listed = new Set<unknown>(list)
  const isListed = (key: string): boolean => listed.has(key)
  for (const [key, value] of Object.entries(patch)) {
    const isDirective =
      key === directives.retainKeys ||
      key.startsWith(directives.deleteFromPrimitiveList) ||
      key.startsWith(directives.setElementOrder)
    if (!isDirective && value !== null && !isListed(key)) throw badFormat('retainKeys')
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => isListed(key)))
}

/** A deletion changes what is there and is of the same type, and never adds anything. */
function mergeMember(
  result: Members,
  { key, value, isDeletion }: { key: string; value: unknown; isDeletion: boolean },
  node: SchemaNode,
): void {
  if (value === null) {
    delete result[key]
    return
  }
  const before = Object.hasOwn(result, key) ? result[key] : undefined
  if (before === undefined || goType(before) !== goType(value)) {
    if (!isDeletion) result[key] = withoutDirectives(value)
  } else if (isObject(before) && isObject(value)) {
    const rule = ruleOf(node, key)
    result[key] =
      rule.strategy === 'replace' ? withoutDirectives(value) : mergeObjects(before, value, rule.node)
  } else if (Array.isArray(before) && Array.isArray(value)) {
    result[key] = mergeLists(before, value, { ...ruleOf(node, key), isDeletion })
  } else {
    result[key] = value
  }
}

function mergeLists(
  original: unknown[],
  patch: unknown[],
  rule: MergeRule & { isDeletion?: boolean },
): unknown[] {
  const { strategy, mergeKey, isDeletion } = rule
  if (strategy !== 'merge' && !isDeletion) return withoutDirectives(patch) as unknown[]
  if (original.length === 0 && patch.length === 0) return original
  if (elementType(original, patch) !== goType({})) {
    if (isDeletion) {
      const removed = new Set(patch)
      return original.filter((item) => !removed.has(item))
    }
    if (mergeKey !== undefined) throw wrongType('map', [...original, ...patch][0])
    const merged = [...new Set([...original, ...patch])]
    return mergeOrders(merged, { patchOrder: patch, serverOrder: original })
  }
  if (mergeKey === undefined) {
    const kind = itemsOf(rule.node).kind === 'map' ? 'map' : 'struct'
    throw mergeFailure(`cannot merge lists without merge key for ${kind}`)
  }
  const { remaining, items } = applyItemDirectives(original as Members[], patch as Members[], mergeKey)
  const merged = mergeItems(remaining, items, { ...rule, mergeKey })
  for (const item of merged) requireKey(item, mergeKey)
  return mergeOrdersBy(merged, { patchOrder: items, serverOrder: remaining, mergeKey })
}

/** Handles items such as `{ $patch: delete, name: x }`: what remains of the list, and what of the patch is to be merged. */
function applyItemDirectives(
  original: Members[],
  patch: Members[],
  mergeKey: string,
): { remaining: Members[]; items: Members[] } {
  const deleted = new Set<unknown>()
  let replaces = false
  const items: Members[] = []
  for (const item of patch) {
    if (!Object.hasOwn(item, directives.patch)) {
      items.push(item)
      continue
    }
    switch (item[directives.patch]) {
      case 'delete':
        deleted.add(requireKey(item, mergeKey))
        break
      case 'replace':
        replaces = true
        break
      case 'merge':
        throw mergeFailure('merging lists cannot yet be specified in the patch')
      default:
        throw unknownDirective(item)
    }
  }
  if (replaces) return { remaining: items, items: [] }
  const remaining = deleted.size === 0 ? original : original.filter((entry) => !deleted.has(entry[mergeKey]))
  return { remaining, items }
}

function mergeItems(
  original: Members[],
  patch: Members[],
  { mergeKey, node }: MergeRule & { mergeKey: string },
): unknown[] {
  const merged: unknown[] = [...original]
  const places = new Map<unknown, number>()
  // Of several items of one key the first counts.
  const notePlace = (key: unknown, at: number): void => {
    if (!places.has(key)) places.set(key, at)
  }
  for (const [at, entry] of original.entries()) notePlace(entry[mergeKey], at)
  for (const item of patch) {
    const key = requireKey(item, mergeKey)
    const at = places.get(key)
    if (at !== undefined) merged[at] = mergeObjects(requireObject(merged[at]), item, itemsOf(node))
    else {
      notePlace(key, merged.length)
      merged.push(withoutDirectives(item))
    }
  }
  return merged
}

/** Merges one list under a `$setElementOrder` directive. */
function orderMember(
  result: Members,
  { patch, member, order }: { patch: Members; member: string; order: unknown[] },
  node: SchemaNode,
): void {
  const before = listIn(result, member)
  const changes = listIn(patch, member)
  const rule = listRuleOf(node, member)
  checkOrder(changes ?? [], order, rule.mergeKey)
  if (!before && !changes) return
  let merged = before ?? []
  if (changes) merged = before ? mergeLists(before, changes, rule) : (withoutDirectives(changes) as unknown[])
  const lists = { order, before: before ?? [], changes: changes ?? [] }
  result[member] = applyOrder(merged, lists, rule.mergeKey)
}

function listIn(members: Members, key: string): unknown[] | undefined {
  if (!Object.hasOwn(members, key)) return undefined
  const value = members[key]
  if (!Array.isArray(value)) throw wrongType('list', value)
  return value as unknown[]
}
