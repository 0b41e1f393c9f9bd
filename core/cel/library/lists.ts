import { ArrayList } from '../values/containers.ts'
import { compare, equals } from '../values/equality.ts'
import { CelDouble, CelUint } from '../values/numbers.ts'
import type { CelInt } from '../values/numbers.ts'
import { CelDuration } from '../values/time.ts'
import { CelList, CelError, CelOptional, none } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { typeNameOf } from './conversions.ts'
import { operatorOverloads } from './operators.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

function isSorted(list: CelList): boolean {
  for (let index = 1; index < list.length; index++)
    if ((compare(list.at(index - 1), list.at(index)) ?? 1) > 0) return false
  return true
}

function extreme(name: 'min' | 'max'): (list: CelList) => CelValue {
  const sign = name === 'min' ? -1 : 1
  return (list) => {
    if (list.length === 0) return new CelError(`${name} called on empty list`)
    let best = list.at(0)
    for (const item of list) if ((compare(item, best) ?? 0) * sign > 0) best = item
    return best
  }
}

function summing(type: string, zero: CelValue): Overload {
  const id = { int: 'int64', uint: 'uint64' }[type] ?? type
  const add = operatorOverloads.find(
    (one) => one.id === (type === 'duration' ? 'add_duration_duration' : `add_${id}`),
  )!
  return overload(`list_${type}_sum_${type}`, `list<${type}>.sum() -> ${type}`, (list: CelList) => {
    let total = zero
    for (const item of list) {
      total = item instanceof CelError ? item : add.call(total, item)
      if (total instanceof CelError) return total
    }
    return total
  })
}

function indexOf(list: CelList, wanted: CelValue): number {
  for (let index = 0; index < list.length; index++) if (equals(list.at(index), wanted)) return index
  return -1
}
function lastIndexOf(list: CelList, wanted: CelValue): number {
  for (let index = list.length - 1; index >= 0; index--) if (equals(list.at(index), wanted)) return index
  return -1
}

function slice(list: CelList, start: CelInt, end: CelInt): CelValue {
  const from = Number(start)
  const to = Number(end)
  const problem = (why: string): CelError => new CelError(`cannot slice(${from}, ${to}), ${why}`)
  if (from < 0 || to < 0) return problem('negative indexes not supported')
  if (from > to) return problem('start index must be less than or equal to end index')
  if (to > list.length) return problem(`list is length ${list.length}`)
  return new ArrayList([...list].slice(from, to))
}

function flatten(list: CelList, depth: CelInt = 1): CelValue {
  if (Number(depth) < 0) return new CelError('level must be non-negative')
  const flat = (items: CelList, left: number): CelValue[] =>
    [...items].flatMap((item) => (item instanceof CelList && left > 0 ? flat(item, left - 1) : [item]))
  return new ArrayList(flat(list, Number(depth)))
}

function distinct(list: CelList): CelValue {
  const kept: CelValue[] = []
  for (const item of list) if (!kept.some((one) => equals(one, item))) kept.push(item)
  return new ArrayList(kept)
}

function sortByKeys(list: CelList, keys: CelList): CelValue {
  if (list.length !== keys.length)
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.length} and ${keys.length} elements respectively`,
    )
  const ordered = [...list].map((item, index) => ({ item, key: keys.at(index) }))
  const first = ordered[0]?.key
  for (const { key } of ordered) {
    if (typeNameOf(key) !== typeNameOf(first!)) return new CelError('list elements must have the same type')
    if (compare(key, key) === undefined) return new CelError('list elements must be comparable')
  }
  ordered.sort((a, b) => compare(a.key, b.key) ?? 0)
  return new ArrayList(ordered.map(({ item }) => item))
}

function range(count: CelInt): CelValue {
  return Number(count) > 1_000_000
    ? new CelError('lists.range() is limited to 1000000 items')
    : new ArrayList(Array.from({ length: Math.max(0, Number(count)) }, (_, index) => index))
}

const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']

/** Functions of lists: Kubernetes's (pkg/cel/library/lists.go) and cel-go's (ext/lists.go, version 3). */
export const listOverloads: Overload[] = [
  ...comparable.map((type) =>
    overload(`list_${type}_is_sorted_bool`, `list<${type}>.isSorted() -> bool`, isSorted),
  ),
  summing('int', 0),
  summing('uint', new CelUint(0n)),
  summing('double', new CelDouble(0)),
  summing('duration', new CelDuration(0n)),
  ...comparable.map((type) =>
    overload(`list_${type}_max_${type}`, `list<${type}>.max() -> ${type}`, extreme('max')),
  ),
  ...comparable.map((type) =>
    overload(`list_${type}_min_${type}`, `list<${type}>.min() -> ${type}`, extreme('min')),
  ),
  overload('list_a_index_of_int', 'list<A>.indexOf(A) -> int', indexOf),
  overload('list_a_last_index_of_int', 'list<A>.lastIndexOf(A) -> int', lastIndexOf),
  overload('list_slice', 'list<T>.slice(int, int) -> list<T>', slice),
  overload('list_flatten', 'list<list<T>>.flatten() -> list<T>', flatten),
  overload('list_flatten_int', 'list<dyn>.flatten(int) -> list<dyn>', flatten),
  ...comparable.flatMap((type) => [
    overload(`list_${type}_sort`, `list<${type}>.sort() -> list<${type}>`, (list: CelList) =>
      sortByKeys(list, list),
    ),
    overload(
      `list_${type}_sortByAssociatedKeys`,
      `list<T>.@sortByAssociatedKeys(list<${type}>) -> list<T>`,
      sortByKeys,
    ),
  ]),
  overload('lists_range', 'lists::range(int) -> list<int>', range),
  overload(
    'list_reverse',
    'list<T>.reverse() -> list<T>',
    (list: CelList) => new ArrayList([...list].reverse()),
  ),
  overload('list_distinct', 'list<T>.distinct() -> list<T>', distinct),
  overload('list_first', 'list<V>.first() -> optional<V>', (list: CelList) =>
    list.length > 0 ? new CelOptional(list.at(0)) : none,
  ),
  overload('list_last', 'list<V>.last() -> optional<V>', (list: CelList) =>
    list.length > 0 ? new CelOptional(list.at(list.length - 1)) : none,
  ),
]

const holds = (list: CelList, item: CelValue): boolean => indexOf(list, item) >= 0
const holdsAll = (list: CelList, items: CelList): boolean => [...items].every((item) => holds(list, item))

/** Lists as sets (cel-go: ext/sets.go). */
export const setOverloads: Overload[] = [
  overload('list_sets_contains_list', 'sets::contains(list<T>, list<T>) -> bool', holdsAll),
  overload(
    'list_sets_equivalent_list',
    'sets::equivalent(list<T>, list<T>) -> bool',
    (a: CelList, b: CelList) => holdsAll(a, b) && holdsAll(b, a),
  ),
  overload(
    'list_sets_intersects_list',
    'sets::intersects(list<T>, list<T>) -> bool',
    (a: CelList, b: CelList) => [...a].some((item) => holds(b, item)),
  ),
]
