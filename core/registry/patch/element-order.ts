import { goValue } from '../../api/go-text.ts'
import { elementType, mergeFailure, noMergeKey, wrongType } from './merge-failures.ts'
import { directives } from './patch-directives.ts'
import { mergeOrders, mergeOrdersBy } from './patch-order.ts'

type Members = Record<string, unknown>

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An item of a list that is merged by key. Throws PatchError for what is no object. */
export function requireObject(item: unknown): Members {
  if (isObject(item)) return item
  throw wrongType('map', item)
}

/** What says which item it is. Throws PatchError where nothing does. */
export function requireKey(item: unknown, mergeKey: string): unknown {
  const members = requireObject(item)
  if (!Object.hasOwn(members, mergeKey)) throw noMergeKey(members, mergeKey)
  return members[mergeKey]
}

/**
 * Throws PatchError unless every item of the patch, apart from deletions, is listed in the `$setElementOrder` list, in the
 * same relative order (upstream: validatePatchWithSetOrderList).
 */
export function checkOrder(changes: unknown[], order: unknown[], mergeKey: string | undefined): void {
  if (changes.length === 0 || order.length === 0) return
  const kept =
    mergeKey === undefined
      ? changes
      : changes.filter((item) => requireObject(item)[directives.patch] !== 'delete')
  const identity = (item: unknown): unknown => (mergeKey === undefined ? item : requireKey(item, mergeKey))
  let at = 0
  let orderAt = 0
  while (at < kept.length && orderAt < order.length) {
    const item = kept[at]
    if (isObject(item) && Object.hasOwn(item, directives.patch)) at++
    else if (identity(item) === identity(order[orderAt++])) at++
  }
  if (at < kept.length) {
    throw mergeFailure(
      `The order in patch list:\n${goValue(changes)}\n doesn't match ${directives.setElementOrder} list:\n${goValue(order)}\n`,
    )
  }
}

/** Orders a list under `$setElementOrder`: what is listed comes in its order, the rest where it was. */
export function applyOrder(
  merged: unknown[],
  lists: { order: unknown[]; before: unknown[]; changes: unknown[] },
  mergeKey: string | undefined,
): unknown[] {
  const { order, before, changes } = lists
  const orders = { patchOrder: order, serverOrder: before }
  if (mergeKey === undefined) {
    elementType(before, changes)
    return mergeOrders(merged, orders)
  }
  checkKeys(merged, order, mergeKey)
  elementType(before, changes)
  for (const item of order) requireKey(item, mergeKey)
  return mergeOrdersBy(merged, { ...orders, mergeKey })
}

/** Items are looked for in the order one after another: what is no object there matters to those that come later. */
function checkKeys(merged: unknown[], order: unknown[], mergeKey: string): void {
  const strayAt = order.findIndex((item) => !isObject(item))
  const known = new Set(
    order.slice(0, strayAt < 0 ? order.length : strayAt).map((item) => keyOf(item, mergeKey)),
  )
  for (const item of merged) {
    const key = requireKey(item, mergeKey)
    if (strayAt >= 0 && !known.has(key)) throw mergeFailure(`value for key ${strayAt} is not a map`)
  }
}

function keyOf(item: unknown, mergeKey: string): unknown {
  return (item as Members)[mergeKey]
}
