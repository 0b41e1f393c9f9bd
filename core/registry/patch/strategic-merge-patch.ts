import type { FieldNode, SchemaNode } from '../schema/node.ts'
import { directives, withoutDirectives } from './patch-directives.ts'
import { PatchError } from './patch-error.ts'
import { mergeOrders, mergeOrdersBy } from './patch-order.ts'

type Members = Record<string, unknown>

const anything: SchemaNode = { kind: 'any' }

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How a member is merged. */
interface MemberRule {
  node: SchemaNode
  mergeKey: string | undefined
  /** `merge` or `replace`; undefined for the default: objects merge, lists are replaced. */
  strategy: string | undefined
}

function ruleOf(node: SchemaNode, key: string): MemberRule {
  if (node.kind === 'struct') {
    const field: FieldNode | undefined = node.fields.get(key)
    if (!field) return { node: anything, mergeKey: undefined, strategy: undefined }
    const strategy = field.patchStrategies.find((name) => name !== 'retainKeys')
    return { node: field.node, mergeKey: field.mergeKey, strategy }
  }
  return { node: node.kind === 'map' ? node.values : anything, mergeKey: undefined, strategy: undefined }
}

function itemsOf(node: SchemaNode): SchemaNode {
  return node.kind === 'list' ? node.items : anything
}

/**
 * Applies a strategic merge patch to an object of the type `node` describes (upstream:
 * apimachinery/pkg/util/strategicpatch): lists merge by their merge key, with the directives `$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList/…` and `$setElementOrder/…`. Neither argument is changed; the result may share parts with
 * the document. Throws PatchError.
 */
export function applyStrategicMergePatch(document: unknown, patch: unknown, node: SchemaNode): unknown {
  if (!isObject(patch)) throw new PatchError('a strategic merge patch must be an object', true)
  return mergeObjects(isObject(document) ? document : {}, patch, node)
}

function mergeObjects(original: Members, patch: Members, node: SchemaNode): Members {
  const directive = patch[directives.patch]
  if (directive === 'replace')
    return withoutDirectives({ ...patch, [directives.patch]: undefined }) as Members
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge') {
    throw new PatchError(`unknown patch type found in patch: ${JSON.stringify(directive)}`, true)
  }
  const result = retainKeys(original, patch)
  const done = new Set<string>()
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(directives.setElementOrder)) continue
    const member = key.slice(directives.setElementOrder.length)
    done.add(member)
    orderMember(result, { patch, member, order: patch[key] }, ruleOf(node, member))
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__' || done.has(key)) continue
    if (key.startsWith(directives.deleteFromPrimitiveList)) {
      const member = key.slice(directives.deleteFromPrimitiveList.length)
      deletePrimitives(result, member, value)
    } else if (!key.startsWith('$')) {
      mergeMember(result, { key, value }, ruleOf(node, key))
    }
  }
  return result
}

/** A shallow copy of the original with only the keys that `$retainKeys` lists, when it is there. */
function retainKeys(original: Members, patch: Members): Members {
  const list = patch[directives.retainKeys]
  if (list === undefined) return { ...original }
  if (!Array.isArray(list))
    throw new PatchError('invalid patch format of $retainKeys: it must be a list', true)
  const listed = new Set<unknown>(list)
  const isListed = (key: string): boolean => listed.has(key)
  const stray = Object.keys(patch).find(
    (key) => !key.startsWith('$') && patch[key] !== null && !isListed(key),
  )
  if (stray !== undefined) {
    throw new PatchError(
      `invalid patch format of $retainKeys: it does not list ${JSON.stringify(stray)}`,
      true,
    )
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => isListed(key)))
}

function deletePrimitives(result: Members, member: string, value: unknown): void {
  if (!Array.isArray(value)) throw new PatchError('invalid patch format of $deleteFromPrimitiveList', true)
  const list = result[member]
  const removed = new Set<unknown>(value)
  if (Array.isArray(list)) result[member] = list.filter((item) => !removed.has(item))
}

function mergeMember(
  result: Members,
  { key, value }: { key: string; value: unknown },
  rule: MemberRule,
): void {
  if (value === null) {
    delete result[key]
    return
  }
  const before = Object.hasOwn(result, key) ? result[key] : undefined
  if (isObject(before) && isObject(value)) {
    result[key] =
      rule.strategy === 'replace' ? withoutDirectives(value) : mergeObjects(before, value, rule.node)
  } else if (Array.isArray(before) && Array.isArray(value)) {
    result[key] = mergeLists(before, value, rule)
  } else {
    result[key] = withoutDirectives(value)
  }
}

function mergeLists(original: unknown[], patch: unknown[], rule: MemberRule): unknown[] {
  if (rule.strategy !== 'merge') return withoutDirectives(patch) as unknown[]
  if (![...original, ...patch].some(isObject)) {
    const merged = [...new Set([...original, ...patch])]
    return mergeOrders(merged, { patchOrder: patch, serverOrder: original })
  }
  const { mergeKey } = rule
  if (mergeKey === undefined) throw new PatchError('cannot merge lists without merge key')
  const { remaining, items, replaces } = applyItemDirectives(original, patch, mergeKey)
  if (replaces) return items
  const merged = mergeItems(remaining, items, { ...rule, mergeKey })
  return mergeOrdersBy(merged, { patchOrder: items, serverOrder: remaining, mergeKey })
}

/** Handles items such as `{ $patch: delete, name: x }`. */
function applyItemDirectives(
  original: unknown[],
  patch: unknown[],
  mergeKey: string,
): { remaining: unknown[]; items: Members[]; replaces: boolean } {
  const deleted = new Set<unknown>()
  let replaces = false
  const items: Members[] = []
  for (const item of patch) {
    const members = requireMap(item)
    const directive = members[directives.patch]
    switch (directive) {
      case undefined:
        items.push(members)
        break
      case 'delete':
        deleted.add(requireKey(members, mergeKey))
        break
      case 'replace':
        replaces = true
        break
      default:
        throw new PatchError(`unknown patch type found in list: ${JSON.stringify(directive)}`, true)
    }
  }
  const remaining =
    deleted.size === 0
      ? original
      : original.filter((entry) => !isObject(entry) || !deleted.has(entry[mergeKey]))
  return { remaining, items, replaces }
}

function mergeItems(
  original: unknown[],
  patch: Members[],
  rule: MemberRule & { mergeKey: string },
): unknown[] {
  const { mergeKey } = rule
  const merged = [...original]
  const places = new Map<unknown, number>()
  for (const [at, entry] of original.entries()) notePlace(places, entry, { mergeKey, at })
  for (const item of patch) {
    const at = places.get(requireKey(item, mergeKey))
    const entry =
      at === undefined
        ? withoutDirectives(item)
        : mergeObjects(merged[at] as Members, item, itemsOf(rule.node))
    merged[at ?? merged.length] = entry
    if (at === undefined) notePlace(places, entry, { mergeKey, at: merged.length - 1 })
  }
  return merged
}

/** Of several items of one key the first counts. */
function notePlace(
  places: Map<unknown, number>,
  entry: unknown,
  { mergeKey, at }: { mergeKey: string; at: number },
): void {
  if (isObject(entry) && !places.has(entry[mergeKey])) places.set(entry[mergeKey], at)
}

function requireMap(item: unknown): Members {
  if (isObject(item)) return item
  throw new PatchError('all elements of a list that is merged by key must be objects', true)
}

function requireKey(item: Members, mergeKey: string): unknown {
  const value = item[mergeKey]
  if (value === undefined) {
    throw new PatchError(
      `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`,
      true,
    )
  }
  return value
}

/** Merges one list under a `$setElementOrder` directive: what it lists comes in its order, the rest where it was. */
function orderMember(
  result: Members,
  request: { patch: Members; member: string; order: unknown },
  rule: MemberRule,
): void {
  const { patch, member, order } = request
  if (!Array.isArray(order)) throw new PatchError('invalid patch format of $setElementOrder', true)
  const before = Array.isArray(result[member]) ? (result[member] as unknown[]) : undefined
  const change = patch[member]
  if (change === null) {
    delete result[member]
    return
  }
  const changes = Array.isArray(change) ? (change as unknown[]) : undefined
  if (!before && !changes) return
  checkOrder(changes, order, rule.mergeKey)
  let merged = before ?? []
  if (changes) merged = before ? mergeLists(before, changes, rule) : (withoutDirectives(changes) as unknown[])
  const orders = { patchOrder: order, serverOrder: before ?? [] }
  result[member] =
    rule.mergeKey === undefined
      ? mergeOrders(merged, orders)
      : mergeOrdersBy(merged, { ...orders, mergeKey: rule.mergeKey })
}

/** Every item of the patch must be listed, in the same relative order. */
function checkOrder(changes: unknown[] | undefined, order: unknown[], mergeKey: string | undefined): void {
  const identity = (item: unknown): unknown =>
    mergeKey !== undefined && isObject(item) ? item[mergeKey] : item
  const listed = order.map(identity)
  let last = -1
  for (const item of changes ?? []) {
    if (isObject(item) && item[directives.patch] !== undefined) continue
    const at = listed.indexOf(identity(item), last + 1)
    if (at < 0) {
      throw new PatchError("The order in patch list doesn't match $setElementOrder list", true)
    }
    last = at
  }
}
