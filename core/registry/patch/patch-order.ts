interface Orders {
  /** What the patch says, for the items it names. */
  patchOrder: readonly unknown[]
  /** How the list was, for the items only the server knows. */
  serverOrder: readonly unknown[]
}

/** Orders a merged list of scalars as `mergeOrdersBy` does. */
export function mergeOrders<T>(merged: readonly T[], orders: Orders): T[] {
  return order(merged, orders, (item) => item)
}

/**
 * Orders a merged list of objects: those the patch names in the patch's order, the others in their old order, woven
 * together so that where both lists know the items the old order decides (upstream: strategicpatch
 * normalizeElementOrder). Items that occur twice stay.
 */
export function mergeOrdersBy(merged: readonly unknown[], orders: Orders & { mergeKey: string }): unknown[] {
  const { mergeKey } = orders
  return order(merged, orders, (item) => (item as Record<string, unknown> | null)?.[mergeKey])
}

function order<T>(merged: readonly T[], orders: Orders, identity: (item: unknown) => unknown): T[] {
  const patchIndex = indexOf(orders.patchOrder, identity)
  const serverIndex = indexOf(orders.serverOrder, identity)
  const named = merged.filter((item) => patchIndex.has(identity(item)))
  const others = merged.filter((item) => !patchIndex.has(identity(item)))
  named.sort((a, b) => patchIndex.get(identity(a))! - patchIndex.get(identity(b))!)
  others.sort((a, b) => (serverIndex.get(identity(a)) ?? 0) - (serverIndex.get(identity(b)) ?? 0))
  const result: T[] = []
  let next = 0
  for (const item of named) {
    const at = serverIndex.get(identity(item))
    while (at !== undefined && next < others.length) {
      const other = serverIndex.get(identity(others[next]))
      if (other === undefined || other >= at) break
      result.push(others[next++]!)
    }
    result.push(item)
  }
  return [...result, ...others.slice(next)]
}

function indexOf(list: readonly unknown[], identity: (item: unknown) => unknown): Map<unknown, number> {
  const index = new Map<unknown, number>()
  list.forEach((item, position) => {
    const id = identity(item)
    if (!index.has(id)) index.set(id, position)
  })
  return index
}
