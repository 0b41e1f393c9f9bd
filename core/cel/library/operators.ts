import { EntryMap } from '../values/containers.ts'
import { compare, equals } from '../values/equality.ts'
import { joinLists } from '../values/join-lists.ts'
import { CelDouble, numericOf, toInt, toUint } from '../values/numbers.ts'
import type { CelInt, CelUint } from '../values/numbers.ts'
import { sizeOf } from '../values/size.ts'
import type { CelDuration, CelTimestamp } from '../values/time.ts'
import { durationOf, timestampOf } from '../values/time.ts'
import { CelList, CelMap, CelError, noSuchKey } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

const overflow = new CelError('integer overflow')
const uintOverflow = new CelError('unsigned integer overflow')

/** A result of integers: exact where plain numbers are, else through BigInt. */
function integer(fast: number, exact: () => bigint): CelValue {
  return Number.isSafeInteger(fast) ? (fast === 0 ? 0 : fast) : (toInt(exact()) ?? overflow)
}

function addInts(a: CelInt, b: CelInt): CelValue {
  return typeof a === 'number' && typeof b === 'number'
    ? integer(a + b, () => BigInt(a) + BigInt(b))
    : (toInt(BigInt(a) + BigInt(b)) ?? overflow)
}
function subtractInts(a: CelInt, b: CelInt): CelValue {
  return typeof a === 'number' && typeof b === 'number'
    ? integer(a - b, () => BigInt(a) - BigInt(b))
    : (toInt(BigInt(a) - BigInt(b)) ?? overflow)
}
function multiplyInts(a: CelInt, b: CelInt): CelValue {
  return typeof a === 'number' && typeof b === 'number'
    ? integer(a * b, () => BigInt(a) * BigInt(b))
    : (toInt(BigInt(a) * BigInt(b)) ?? overflow)
}
function divideInts(a: CelInt, b: CelInt): CelValue {
  if (b === 0) return new CelError('division by zero')
  return toInt(BigInt(a) / BigInt(b)) ?? overflow
}
function remainderOfInts(a: CelInt, b: CelInt): CelValue {
  if (b === 0) return new CelError('modulus by zero')
  // Go refuses what its division would overflow on.
  if (b === -1 && BigInt(a) === -(2n ** 63n)) return overflow
  return toInt(BigInt(a) % BigInt(b)) ?? overflow
}

const uint = (value: bigint): CelValue => toUint(value) ?? uintOverflow
const double = (value: number): CelDouble => new CelDouble(value)
const timestamp = (nanos: bigint): CelValue => timestampOf(nanos) ?? new CelError('timestamp overflow')
const duration = (nanos: bigint): CelValue => durationOf(nanos) ?? new CelError('duration overflow')

const arithmetic: Overload[] = [
  overload('add_bytes', '_+_(bytes, bytes) -> bytes', (a: Uint8Array, b: Uint8Array) =>
    Uint8Array.from([...a, ...b]),
  ),
  overload('add_double', '_+_(double, double) -> double', (a: CelDouble, b: CelDouble) =>
    double(a.value + b.value),
  ),
  overload('add_duration_duration', '_+_(duration, duration) -> duration', (a: CelDuration, b: CelDuration) =>
    duration(a.nanos + b.nanos),
  ),
  overload(
    'add_duration_timestamp',
    '_+_(duration, timestamp) -> timestamp',
    (a: CelDuration, b: CelTimestamp) => timestamp(a.nanos + b.nanos),
  ),
  overload(
    'add_timestamp_duration',
    '_+_(timestamp, duration) -> timestamp',
    (a: CelTimestamp, b: CelDuration) => timestamp(a.nanos + b.nanos),
  ),
  overload('add_int64', '_+_(int, int) -> int', addInts),
  overload('add_list', '_+_(list<A>, list<A>) -> list<A>', joinLists),
  overload('add_string', '_+_(string, string) -> string', (a: string, b: string) => a + b),
  overload('add_uint64', '_+_(uint, uint) -> uint', (a: CelUint, b: CelUint) => uint(a.value + b.value)),
  overload('subtract_double', '_-_(double, double) -> double', (a: CelDouble, b: CelDouble) =>
    double(a.value - b.value),
  ),
  overload(
    'subtract_duration_duration',
    '_-_(duration, duration) -> duration',
    (a: CelDuration, b: CelDuration) => duration(a.nanos - b.nanos),
  ),
  overload('subtract_int64', '_-_(int, int) -> int', subtractInts),
  overload(
    'subtract_timestamp_duration',
    '_-_(timestamp, duration) -> timestamp',
    (a: CelTimestamp, b: CelDuration) => timestamp(a.nanos - b.nanos),
  ),
  overload(
    'subtract_timestamp_timestamp',
    '_-_(timestamp, timestamp) -> duration',
    (a: CelTimestamp, b: CelTimestamp) => duration(a.nanos - b.nanos),
  ),
  overload('subtract_uint64', '_-_(uint, uint) -> uint', (a: CelUint, b: CelUint) => uint(a.value - b.value)),
  overload('multiply_double', '_*_(double, double) -> double', (a: CelDouble, b: CelDouble) =>
    double(a.value * b.value),
  ),
  overload('multiply_int64', '_*_(int, int) -> int', multiplyInts),
  overload('multiply_uint64', '_*_(uint, uint) -> uint', (a: CelUint, b: CelUint) => uint(a.value * b.value)),
  overload('divide_double', '_/_(double, double) -> double', (a: CelDouble, b: CelDouble) =>
    double(a.value / b.value),
  ),
  overload('divide_int64', '_/_(int, int) -> int', divideInts),
  overload('divide_uint64', '_/_(uint, uint) -> uint', (a: CelUint, b: CelUint) =>
    b.value === 0n ? new CelError('division by zero') : uint(a.value / b.value),
  ),
  overload('modulo_int64', '_%_(int, int) -> int', remainderOfInts),
  overload('modulo_uint64', '_%_(uint, uint) -> uint', (a: CelUint, b: CelUint) =>
    b.value === 0n ? new CelError('modulus by zero') : uint(a.value % b.value),
  ),
  overload('negate_double', '-_(double) -> double', (a: CelDouble) => double(-a.value)),
  overload('negate_int64', '-_(int) -> int', (a: CelInt) => subtractInts(0, a)),
  overload('logical_not', '!_(bool) -> bool', (a: boolean) => !a),
]

const numericNames = { int: 'int64', uint: 'uint64', double: 'double' } as const
const relations: [string, string, (order: number) => boolean][] = [
  ['_<_', 'less', (order) => order < 0],
  ['_<=_', 'less_equals', (order) => order <= 0],
  ['_>_', 'greater', (order) => order > 0],
  ['_>=_', 'greater_equals', (order) => order >= 0],
]

function relational(): Overload[] {
  return relations.flatMap(([operator, name, holds]) => {
    const test = (a: CelValue, b: CelValue): boolean => {
      const order = compare(a, b)
      return order !== undefined && holds(order)
    }
    const same = ['bool', 'string', 'bytes', 'timestamp', 'duration'].map((type) =>
      overload(`${name}_${type}`, `${operator}(${type}, ${type}) -> bool`, test),
    )
    const numbers = Object.entries(numericNames).flatMap(([left, leftId]) =>
      Object.entries(numericNames).map(([right, rightId]) => {
        const id = left === right ? `${name}_${leftId}` : `${name}_${leftId}_${rightId}`
        return overload(id, `${operator}(${left}, ${right}) -> bool`, test)
      }),
    )
    return [...same, ...numbers]
  })
}

/** The item or member at an index or key. */
export function itemAt(container: CelValue, index: CelValue): CelValue {
  if (container instanceof CelMap) return container.get(index) ?? noSuchKey(index)
  if (!(container instanceof CelList)) return new CelError('no such overload')
  const at = numericOf(index)
  if (at === undefined) return new CelError(`unsupported index type '${typeof index}' in list`)
  const position = Number(at)
  if (!Number.isInteger(position)) return new CelError(`unsupported index value ${position} in list`)
  if (position < 0 || position >= container.length) return new CelError(`index out of bounds: ${position}`)
  return container.at(position)
}

function contains(value: CelValue, list: CelList): boolean {
  for (let index = 0; index < list.length; index++) if (equals(list.at(index), value)) return true
  return false
}

function insertAll(target: CelMap, entries: [CelValue, CelValue][]): CelValue {
  // The accumulator of a comprehension is nobody else's: adding to it in place is safe.
  const map = target instanceof EntryMap ? target : new EntryMap()
  for (const [key, value] of entries) {
    const isNew = map.add(key, value)
    if (isNew === false) return new CelError(`insert failed: key ${String(key)} already exists`)
    if (isNew === undefined) return new CelError('unsupported key type')
  }
  return map
}

/** What every expression may use (cel-go: common/stdlib); `&&`, `||` and `?:` are the evaluator's own. */
export const operatorOverloads: Overload[] = [
  ...arithmetic,
  ...relational(),
  overload('equals', '_==_(A, A) -> bool', (a: CelValue, b: CelValue) => equals(a, b)),
  overload('not_equals', '_!=_(A, A) -> bool', (a: CelValue, b: CelValue) => !equals(a, b)),
  overload('in_list', '@in(A, list<A>) -> bool', contains),
  overload('in_map', '@in(A, map<A, B>) -> bool', (key: CelValue, map: CelMap) => map.has(key)),
  overload('index_list', '_[_](list<A>, int) -> A', itemAt),
  overload('index_map', '_[_](map<A, B>, A) -> B', itemAt),
  overload('optional_list_index_int', '_[_](optional<list<V>>, int) -> optional<V>', itemAt),
  overload('optional_map_index_value', '_[_](optional<map<K, V>>, K) -> optional<V>', itemAt),
  overload('list_optindex_optional_int', '_[?_](list<V>, int) -> optional<V>', itemAt),
  overload('optional_list_optindex_optional_int', '_[?_](optional<list<V>>, int) -> optional<V>', itemAt),
  overload('map_optindex_optional_value', '_[?_](map<K, V>, K) -> optional<V>', itemAt),
  overload('optional_map_optindex_optional_value', '_[?_](optional<map<K, V>>, K) -> optional<V>', itemAt),
  overload('logical_and', '_&&_(bool, bool) -> bool', () => false),
  overload('logical_or', '_||_(bool, bool) -> bool', () => false),
  overload('conditional', '_?_:_(bool, T, T) -> T', () => false),
  overload('not_strictly_false', '@not_strictly_false(bool) -> bool', (value: CelValue) => value !== false),
  overload(
    '@mapInsert_map_key_value',
    'cel::@mapInsert(map<K, V>, K, V) -> map<K, V>',
    (map: CelMap, key: CelValue, value: CelValue) => insertAll(map, [[key, value]]),
  ),
  overload(
    '@mapInsert_map_map',
    'cel::@mapInsert(map<K, V>, map<K, V>) -> map<K, V>',
    (map: CelMap, more: CelMap) =>
      insertAll(
        map,
        more.keys().map((key) => [key, more.get(key)!]),
      ),
  ),
  ...['string', 'bytes', 'list<A>', 'map<A, B>'].flatMap((type) => {
    const name = type.replace(/<.*/, '')
    const size = (value: CelValue): CelValue => sizeOf(value) ?? 0
    return [
      overload(`size_${name}`, `size(${type}) -> int`, size),
      overload(`${name}_size`, `${type}.size() -> int`, size),
    ]
  }),
]
