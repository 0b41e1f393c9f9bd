import { formatType } from '../cel-type.ts'
import type { CelType } from '../cel-type.ts'
import type { CelValue } from '../values/value.ts'
import { add, fixed, multiply, scale, union, unbounded } from './range.ts'
import type { Range } from './range.ts'
import { listCost, patternFactor, traversalFactor } from './runtime-cost.ts'

/** What is known of an operand before it is evaluated. */
export interface Operand {
  type: CelType
  /** How large its value may be. */
  size: Range
  /** How large its items may be, of a list. */
  itemSize: Range
  constant: CelValue | undefined
}

/** A call's cost without that of its operands, and the size of what it yields, where that is known. */
export interface CallEstimate {
  cost: Range
  size?: Range
}

type Estimate = (operands: Operand[]) => CallEstimate

const walk = (size: Range, factor = 1): Range => scale(size, traversalFactor * factor)
const one = (): CallEstimate => ({ cost: fixed(1) })
const firstKept: Estimate = ([text]) => ({ cost: walk(text!.size), size: text!.size })
const firstWalked: Estimate = ([text]) => ({ cost: walk(text!.size) })

/** One comparison for each item, and a walk of the items that are texts. */
const itemwise: Estimate = ([list]) => {
  if (list!.type.kind !== 'list') return { cost: walk(list!.size) }
  const { element } = list!.type
  const isText = element.kind === 'string' || element.kind === 'bytes'
  const perItem = isText ? add(fixed(1), walk(list!.itemSize)) : fixed(1)
  return { cost: multiply(list!.size, perItem) }
}

function matchCost(text: Range, pattern: Range): Range {
  return multiply(walk(add(text, fixed(1))), scale(pattern, patternFactor))
}

const find: Estimate = ([text, pattern]) => ({
  cost: matchCost(text!.size, pattern!.size),
  size: { min: 0, max: text!.size.max },
})

const replace: Estimate = ([text, from, to]) => {
  const { size } = text!
  const count: Range = { min: 0, max: 0 }
  const kept: Range = { min: 0, max: 0 }
  if (from!.size.min === 0) {
    count.max = size.max < unbounded ? size.max + 1 : size.max
    kept.max = size.max
  } else if (to!.size.max <= from!.size.min) kept.max = size.max
  else count.max = Math.ceil(size.max / from!.size.min)
  if (from!.size.max === 0) {
    count.min = size.min < unbounded ? size.min + 1 : size.min
    kept.min = size.min
  } else if (from!.size.max <= to!.size.min) kept.min = size.min
  else count.min = Math.ceil(size.min / from!.size.max)
  return { cost: walk(size, 2), size: add(multiply(count, to!.size), kept) }
}

const split: Estimate = ([text, _separator, limit]) => {
  const most = typeof limit?.constant === 'number' ? limit.constant : text!.size.max
  return { cost: walk(text!.size, 2), size: { min: 0, max: most < 0 ? unbounded : most } }
}

const join: Estimate = ([list, separator]) => {
  let size = multiply(list!.size, list!.itemSize)
  if (separator) {
    const gaps = { min: Math.max(0, list!.size.min - 1), max: Math.max(0, list!.size.max - 1) }
    size = add(size, multiply(separator.size, gaps))
  }
  return { cost: walk(size), size }
}

const selector: Estimate = ([, text]) => {
  const requirements = scale(scale(text!.size, 0.5), 50)
  return { cost: add(add(fixed(listCost), walk(text!.size)), requirements) }
}

/** Addresses have 4 or 16 bytes. */
const addressPair = walk({ min: 8, max: 32 })
const containsIp: Estimate = ([, other]) => ({
  cost: other!.type.kind === 'string' ? add(addressPair, walk(other!.size)) : addressPair,
})
const containsCidr: Estimate = (operands) => ({
  cost: add(add(containsIp(operands).cost, walk({ min: 4, max: 16 })), fixed(1)),
})

/** The longest pattern that a named format may stand for. */
const maxFormatPattern = 128

/** By function (upstream: apiserver/pkg/cel/library/cost.go EstimateCallCost). */
const byFunction: Record<string, Estimate> = {
  check: () => ({ cost: fixed(350_000) }),
  fieldSelector: selector,
  labelSelector: selector,
  ...each(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'], itemwise),
  ...each(['url', 'jsonpatch.escapeKey', 'lowerAscii', 'upperAscii', 'substring', 'trim'], firstKept),
  replace,
  split,
  join,
  find,
  findAll: find,
  ...each(['cidr', 'isIP', 'isCIDR', 'quantity', 'isQuantity', 'semver', 'isSemver'], firstWalked),
  ip: (operands) => (operands[0]!.type.kind === 'string' ? firstWalked(operands) : one()),
  'ip.isCanonical': ([text]) => ({ cost: walk(text!.size, 2) }),
  containsIP: containsIp,
  containsCIDR: containsCidr,
  validate: ([, text]) => ({ cost: scale(walk(text!.size), maxFormatPattern * patternFactor) }),
}

const allocating = (factor: number, size: Range): CallEstimate => ({
  cost: add(add(scale(size, factor), fixed(1)), fixed(listCost)),
  size,
})
const selfComparing = (list: Operand): CallEstimate => {
  const isText = list.type.kind === 'list' && ['string', 'bytes'].includes(list.type.element.kind)
  return allocating(isText ? 2 + traversalFactor : 2, multiply(list.size, list.size))
}
const sets =
  (factor: number): Estimate =>
  ([a, b]) => ({
    cost: add(scale(multiply(a!.size, b!.size), factor), fixed(1)),
  })
const constantOr = (operand: Operand | undefined, otherwise: number): number =>
  typeof operand?.constant === 'number' ? Math.max(0, operand.constant) : otherwise
const flatten: Estimate = ([list, depth]) => allocating(depth ? constantOr(depth, unbounded) : 1, list!.size)
const slice: Estimate = ([list, start, end]) =>
  allocating(1, fixed(Math.max(0, constantOr(end, list!.size.max) - constantOr(start, 0))))

const joined: Estimate = ([a, b]) => {
  const size = add(a!.size, b!.size)
  return { cost: walk(size), size }
}
const compared: Estimate = ([a, b]) => {
  const max = Math.min(a!.size.max, b!.size.max)
  return { cost: walk({ min: max > 0 ? 1 : 0, max }) }
}

/** By overload (cel-go: checker/cost.go functionCost, ext/lists.go, ext/sets.go). */
const byOverload: Record<string, Estimate> = {
  string_format: firstWalked,
  string_to_bytes: ([text]) => ({
    cost: walk(text!.size),
    size: { min: text!.size.min, max: Math.min(unbounded, text!.size.max * 4) },
  }),
  bytes_to_string: ([bytes]) => ({
    cost: walk(bytes!.size),
    size: { min: Math.floor(bytes!.size.min / 4), max: bytes!.size.max },
  }),
  strings_quote: ([text]) => ({
    cost: walk(text!.size),
    size: { min: text!.size.min + 2, max: Math.min(unbounded, text!.size.max * 2 + 2) },
  }),
  ...each(['starts_with_string', 'ends_with_string'], ([, part]) => ({ cost: walk(part!.size) })),
  in_list: ([, list]) => ({ cost: list!.size }),
  matches_string: ([text, pattern]) => ({ cost: matchCost(text!.size, pattern!.size) }),
  contains_string: ([text, part]) => ({ cost: multiply(walk(text!.size), walk(part!.size)) }),
  add_string: joined,
  add_bytes: joined,
  add_list: ([a, b]) => ({ cost: fixed(1), size: add(a!.size, b!.size) }),
  ...each(
    ['less', 'less_equals', 'greater', 'greater_equals'].flatMap((name) => [
      `${name}_string`,
      `${name}_bytes`,
    ]),
    compared,
  ),
  equals: compared,
  not_equals: compared,
  list_sets_contains_list: sets(1),
  list_sets_intersects_list: sets(1),
  list_sets_equivalent_list: sets(2),
  list_slice: slice,
  list_flatten: flatten,
  list_flatten_int: flatten,
  lists_range: ([count]) => allocating(1, fixed(constantOr(count, unbounded))),
  list_reverse: ([list]) => allocating(1, list!.size),
  list_distinct: ([list]) => allocating(2, multiply(list!.size, list!.size)),
}

function each(names: string[], estimate: Estimate): Record<string, Estimate> {
  return Object.fromEntries(names.map((name) => [name, estimate]))
}

/** Equality of a library's values: one step, but for URLs and formats, which are texts. */
function equalityOfOpaque([a, b]: Operand[]): CallEstimate | undefined {
  const { type } = a!
  if (type.kind !== 'opaque' || formatType(type) !== formatType(b!.type)) return undefined
  if (type.name === 'kubernetes.NamedFormat') return { cost: walk({ min: 1, max: 64 }) }
  if (type.name === 'kubernetes.URL') return { cost: walk(union(a!.size, b!.size)) }
  return type.parameters.length === 0 ? one() : undefined
}

/** What a call of one overload may cost, beside its operands. */
export function estimateCall(name: string, overload: string, operands: Operand[]): CallEstimate {
  if (Object.hasOwn(byOverload, overload)) {
    const special = name === '_==_' ? equalityOfOpaque(operands) : undefined
    return special ?? byOverload[overload]!(operands)
  }
  if (overload.endsWith('_sort')) return selfComparing(operands[0]!)
  if (overload.endsWith('_sortByAssociatedKeys')) return selfComparing(operands[1]!)
  return Object.hasOwn(byFunction, name) ? byFunction[name]!(operands) : one()
}
