import type { ListNode, SchemaNode } from '../schema/node.ts'
import type { FieldSet } from './field-set.ts'
import { isMembers, itemElement, itemsByElement, memberNode, shapeOf } from './typed-value.ts'
import type { Members } from './typed-value.ts'

/**
 * Lays a configuration over a live value: members merge, map lists and sets merge by their items, everything else is
 * taken from the configuration (structured-merge-diff: Merge). Nulls say nothing. Neither argument is changed; the
 * result may share parts with both.
 */
export function mergeTyped(live: unknown, config: unknown, node: SchemaNode): unknown {
  if (config === undefined || config === null) return live
  const shape = shapeOf(node)
  if (shape.kind === 'members' && isMembers(live) && isMembers(config)) {
    const merged: Members = { ...live }
    for (const [name, value] of Object.entries(config)) {
      if (name === '__proto__') continue
      const before = Object.hasOwn(live, name) ? live[name] : undefined
      const member = mergeTyped(before, value, memberNode(node, name))
      if (member !== undefined) merged[name] = member
    }
    return merged
  }
  if (shape.kind === 'items' && Array.isArray(live) && Array.isArray(config)) {
    return mergeItems(live, config, shape.list)
  }
  return config
}

/**
 * Items of both lists: those of the configuration in its order, each of the live list's own items where it was between
 * them, as far as that order allows.
 */
function mergeItems(live: readonly unknown[], config: readonly unknown[], list: ListNode): unknown[] {
  const liveByElement = itemsByElement(list, live)
  const liveOrder = [...liveByElement.keys()]
  const wanted = config.map((item) => itemElement(list, item))
  const isWanted = new Set(wanted)
  const merged: unknown[] = []
  let next = 0
  const takeOwnUpTo = (shared: string | undefined): void => {
    for (; next < liveOrder.length && liveOrder[next] !== shared; next++) {
      const element = liveOrder[next]!
      if (!isWanted.has(element)) merged.push(liveByElement.get(element))
    }
  }
  for (const [index, element] of wanted.entries()) {
    const shared = wanted.slice(index).find((candidate) => liveOrder.indexOf(candidate, next) >= 0)
    takeOwnUpTo(shared)
    merged.push(mergeTyped(liveByElement.get(element), config[index], list.items))
    if (liveOrder[next] === element) next++
  }
  takeOwnUpTo(undefined)
  return merged
}

/** The value without the fields of a set; undefined when nothing is left of it (structured-merge-diff: RemoveItems). */
export function removeFields(value: unknown, set: FieldSet, node: SchemaNode): unknown {
  const shape = shapeOf(node)
  if (set.children.size === 0) return value
  if (shape.kind === 'members' && isMembers(value)) {
    const kept: Members = {}
    for (const [name, member] of Object.entries(value)) {
      const child = set.children.get(`f:${name}`)
      if (child?.isMember) continue
      const rest = child ? removeFields(member, child, memberNode(node, name)) : member
      if (rest !== undefined) kept[name] = rest
    }
    return Object.keys(kept).length > 0 ? kept : undefined
  }
  if (shape.kind === 'items' && Array.isArray(value)) {
    const { list } = shape
    const kept = value.flatMap((item: unknown) => {
      const child = set.children.get(itemElement(list, item))
      if (child?.isMember) return []
      return [child ? removeFields(item, child, list.items) : item]
    })
    return kept.length > 0 ? kept : undefined
  }
  return value
}
