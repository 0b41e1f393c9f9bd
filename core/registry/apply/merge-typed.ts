import type { ListNode, SchemaNode } from '../schema/node.ts'
import type { FieldSet } from './field-set.ts'
import { isMembers, itemElement, memberNode, shapeOf } from './typed-value.ts'
import type { Members } from './typed-value.ts'

/**
 * Lays a configuration over a live value: members merge, map lists and sets merge by their items, everything else is
 * taken from the configuration (structured-merge-diff: Merge). A null leaves what there is to merge into, and takes the
 * place of anything else. Neither argument is changed; the result may share parts with both.
 */
export function mergeTyped(live: unknown, config: unknown, node: SchemaNode): unknown {
  if (config === undefined) return live
  const shape = shapeOf(node)
  if (config === null && shape.kind !== 'leaf') return live ?? null
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
 * them, as far as that order allows. Live items that share a key stay as they are, unless the configuration has one of
 * that key, which then takes the place of them all.
 */
function mergeItems(live: readonly unknown[], config: readonly unknown[], list: ListNode): unknown[] {
  const liveElements = live.map((item) => itemElement(list, item))
  const wanted = config.map((item) => itemElement(list, item))
  const isWanted = new Set(wanted)
  const liveItems = onlyItems(liveElements, live)
  const merged: unknown[] = []
  const places = placesOf(liveElements)
  /** Whether the live list has an item of this element at or after `next`. */
  const isAhead = (element: string): boolean => (places.get(element) ?? -1) >= next
  // Of the configuration's items the next that is ahead: those before it never will be again.
  let ahead = 0
  let next = 0
  const takeOwnUpTo = (shared: string | undefined): void => {
    for (; next < live.length && liveElements[next] !== shared; next++) {
      if (!isWanted.has(liveElements[next]!)) merged.push(live[next])
    }
  }
  for (const [index, element] of wanted.entries()) {
    if (ahead < index) ahead = index
    while (ahead < wanted.length && !isAhead(wanted[ahead]!)) ahead++
    takeOwnUpTo(wanted[ahead])
    merged.push(mergeTyped(liveItems.get(element), config[index], list.items))
    if (liveElements[next] === element) next++
  }
  takeOwnUpTo(undefined)
  return merged
}

/** Where each element is last. */
function placesOf(elements: readonly string[]): Map<string, number> {
  return new Map(elements.map((element, at) => [element, at]))
}

/** Items by their element, without those that share one. */
function onlyItems(elements: readonly string[], items: readonly unknown[]): Map<string, unknown> {
  const only = new Map<string, unknown>()
  for (const [index, element] of elements.entries())
    only.set(element, only.has(element) ? undefined : items[index])
  return only
}

/**
 * The value without the fields of a set; undefined when nothing is left of it, and what nothing is left of further down stays as an
 * empty one, which is there all the same (structured-merge-diff: RemoveItems).
 */
export function removeFields(value: unknown, set: FieldSet, node: SchemaNode): unknown {
  const shape = shapeOf(node)
  if (set.children.size === 0) return value
  if (shape.kind === 'members' && isMembers(value)) {
    const kept: Members = {}
    for (const [name, member] of Object.entries(value)) {
      const child = set.children.get(`f:${name}`)
      if (child?.isMember) continue
      kept[name] = child ? (removeFields(member, child, memberNode(node, name)) ?? emptied(member)) : member
    }
    return Object.keys(kept).length > 0 ? kept : undefined
  }
  if (shape.kind === 'items' && Array.isArray(value)) {
    const { list } = shape
    const kept = value.flatMap((item: unknown) => {
      const child = set.children.get(itemElement(list, item))
      if (child?.isMember) return []
      return [child ? (removeFields(item, child, list.items) ?? emptied(item)) : item]
    })
    return kept.length > 0 ? kept : undefined
  }
  return value
}

function emptied(value: unknown): unknown {
  return Array.isArray(value) ? [] : {}
}
