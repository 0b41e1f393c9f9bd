import { CelFormat } from '../library/named-formats.ts'
import { CelCidr, CelIp } from '../library/network.ts'
import { isInt } from '../values/numbers.ts'
import { costSizeOf } from '../values/size.ts'
import { CelList, CelMap, CelOpaque } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'

/** What a call costs, by its operands (the target first) and result. */
export type CallCost = (values: CelValue[], result: CelValue) => number

/** Walking a text costs a tenth of its length. */
export const traversalFactor = 0.1
/** A pattern counts a quarter of its length. */
export const patternFactor = 0.25
/** Making a list costs this much. */
export const listCost = 10

const traversal = (size: number, factor = 1): number => Math.ceil(size * factor * traversalFactor)
const pattern = (size: number): number => Math.ceil(size * patternFactor)
const first: CallCost = ([value]) => traversal(costSizeOf(value!))
const firstTwice: CallCost = ([value]) => traversal(costSizeOf(value!), 2)
const matching: CallCost = ([text, expression]) =>
  Math.ceil((1 + costSizeOf(text!)) * traversalFactor) * pattern(costSizeOf(expression!))
const shorter: CallCost = ([a, b]) => traversal(Math.min(costSizeOf(a!), costSizeOf(b!)))
const joined: CallCost = ([a, b]) => traversal(costSizeOf(a!) + costSizeOf(b!))

/** The cost of walking a whole value. */
function walkCost(value: CelValue): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * traversalFactor)
  if (value instanceof Uint8Array) return Math.floor(value.length * traversalFactor)
  let cost = 0
  if (value instanceof CelList) {
    for (const item of value) cost += walkCost(item)
    return cost
  }
  if (!(value instanceof CelMap)) return 1
  for (const key of value.keys()) cost += walkCost(key) + walkCost(value.get(key) ?? null)
  return cost
}

const walking: CallCost = ([value]) => walkCost(value!)
const selector: CallCost = ([, text]) => selectorCost(costSizeOf(text!))

/** Reading a selector: a list of requirements, each as long as two characters at least. */
function selectorCost(length: number): number {
  return listCost + traversal(length) + Math.ceil(Math.ceil(length * 0.5) * 50)
}

const contained: CallCost = ([container, other]) => {
  const size = costSizeOf(container!)
  const isText = !(other instanceof CelIp) && !(other instanceof CelCidr)
  return traversal(size + size) + (isText ? traversal(costSizeOf(other!)) : 0)
}

const formatted: CallCost = ([format, text]) =>
  format instanceof CelFormat
    ? Math.ceil((1 + costSizeOf(text!)) * traversalFactor) * pattern(format.patternSize)
    : 1

/** By function, whatever the overload (upstream: apiserver/pkg/cel/library/cost.go CallCost). */
const byFunction: Record<string, CallCost> = {
  check: () => 350_000,
  fieldSelector: selector,
  labelSelector: selector,
  ...each(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'], walking),
  ...each(['url', 'lowerAscii', 'upperAscii', 'substring', 'trim', 'jsonpatch.escapeKey'], first),
  ...each(['replace', 'split'], firstTwice),
  join: (_values, result) => traversal(costSizeOf(result), 2),
  find: matching,
  findAll: matching,
  ...each(['cidr', 'isIP', 'isCIDR', 'quantity', 'isQuantity', 'semver', 'isSemver'], first),
  ip: ([value]) => (value instanceof CelCidr ? 1 : traversal(costSizeOf(value!))),
  'ip.isCanonical': firstTwice,
  containsIP: contained,
  containsCIDR: (values, result) => contained(values, result) + traversal(costSizeOf(values[0]!)) + 1,
  validate: formatted,
}

/** Of sorting and the like: every item is compared with every other. */
function selfComparing(list: CelValue): number {
  const size = costSizeOf(list)
  const item = list instanceof CelList && size > 0 ? list.at(0) : null
  const isText = typeof item === 'string' || item instanceof Uint8Array
  return Math.floor(size * size * (isText ? 2 + traversalFactor : 2)) + 1 + listCost
}

const listMade: CallCost = (_values, result) => costSizeOf(result) + 1 + listCost
const sets =
  (factor: number): CallCost =>
  ([a, b]) =>
    1 + costSizeOf(a!) * costSizeOf(b!) * factor
const flattened: CallCost = ([list, depth]) => {
  const levels = depth !== undefined && isInt(depth) ? Number(depth) : 1
  return Math.floor(costSizeOf(list!) * levels) + 1 + listCost
}

/** By overload (cel-go: interpreter/runtimecost.go costCall, ext/lists.go, ext/sets.go). */
const byOverload: Record<string, CallCost> = {
  ...each(
    [
      'starts_with_string',
      'ends_with_string',
      'string_to_bytes',
      'bytes_to_string',
      'strings_quote',
      'string_format',
    ],
    first,
  ),
  in_list: ([, list]) => costSizeOf(list!),
  ...each(
    ['less', 'less_equals', 'greater', 'greater_equals'].flatMap((name) => [
      `${name}_string`,
      `${name}_bytes`,
    ]),
    shorter,
  ),
  not_equals: shorter,
  add_string: joined,
  add_bytes: joined,
  matches: matching,
  matches_string: matching,
  contains_string: ([text, part]) => traversal(costSizeOf(text!)) * traversal(costSizeOf(part!)),
  list_sets_contains_list: sets(1),
  list_sets_intersects_list: sets(1),
  list_sets_equivalent_list: sets(2),
  list_slice: listMade,
  lists_range: listMade,
  list_reverse: listMade,
  list_flatten: flattened,
  list_flatten_int: flattened,
  list_distinct: ([list]) => selfComparing(list!),
}

function each(names: string[], cost: CallCost): Record<string, CallCost> {
  return Object.fromEntries(names.map((name) => [name, cost]))
}

/** Values of libraries are compared in one step. */
const comparing: CallCost = (values, result) => (values[0] instanceof CelOpaque ? 1 : shorter(values, result))

/** How a call's cost is found; undefined where it is always 1. `overload` is unknown where several may apply. */
export function runtimeCost(name: string, overload: string | undefined): CallCost | undefined {
  if (name === '_==_') return comparing
  if (name === '_!=_') return shorter
  if (overload !== undefined && Object.hasOwn(byOverload, overload)) return byOverload[overload]
  if (overload?.endsWith('_sort')) return ([list]) => selfComparing(list!)
  if (overload?.endsWith('_sortByAssociatedKeys')) return ([, keys]) => selfComparing(keys!)
  return Object.hasOwn(byFunction, name) ? byFunction[name] : undefined
}
