import { EntryMap } from './containers.ts'
import { JsonList } from './json-values.ts'
import { numericOf } from './numbers.ts'
import { CelDuration, CelTimestamp } from './time.ts'
import { CelList, CelMap, CelOpaque, CelOptional, TypeValue } from './value.ts'
import type { CelValue } from './value.ts'

/** Whether two values are equal: numbers of any type by value, lists and maps member by member, others of one type. */
export function equals(a: CelValue, b: CelValue): boolean {
  if (a === b) return true
  const left = numericOf(a)
  if (left !== undefined) {
    const right = numericOf(b)
    return right !== undefined && compareNumbers(left, right) === 0
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b)
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b)
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name
  if (a instanceof CelOptional) return b instanceof CelOptional && equalOptionals(a, b)
  return a instanceof CelOpaque && b instanceof CelOpaque && a.typeName === b.typeName && a.isEqualTo(b)
}

function equalOptionals(a: CelOptional, b: CelOptional): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value
  return equals(a.value, b.value)
}

function equalLists(a: CelList, b: CelList): boolean {
  if (a.length !== b.length) return false
  const unordered = [a, b].find((list) => list instanceof JsonList && list.type.listType !== undefined)
  if (unordered instanceof JsonList) return equalUnordered(unordered, a === unordered ? b : a)
  for (let index = 0; index < a.length; index++) if (!equals(a.at(index), b.at(index))) return false
  return true
}

/** Sets and maps of a schema are equal whatever their order (upstream: pkg/cel/common/values.go). */
function equalUnordered(list: JsonList, other: CelList): boolean {
  if (list.type.listType === 'map') {
    const keys = list.type.mapKeys ?? []
    const byKey = new Map([...other].map((item) => [itemKey(item, keys), item]))
    return [...list].every((item) => {
      const match = byKey.get(itemKey(item, keys))
      return match !== undefined && equals(item, match)
    })
  }
  const rest = [...other]
  return [...list].every((item) => rest.some((candidate) => equals(item, candidate)))
}

/** What identifies an item of a map list. */
export function itemKey(item: CelValue, keys: readonly string[]): string {
  if (!(item instanceof CelMap)) return ''
  return JSON.stringify(keys.map((key) => String(item.get(key) ?? '')))
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false
  if (a.typeName !== b.typeName && !(a instanceof EntryMap) && !(b instanceof EntryMap)) return false
  return a.keys().every((key) => {
    const left = a.get(key)
    const right = b.get(key)
    return left !== undefined && right !== undefined && equals(left, right)
  })
}

function compareNumbers(a: number | bigint, b: number | bigint): number | undefined {
  if (a < b) return -1
  if (a > b) return 1
  // A BigInt may be compared with a number; only NaN is neither above nor below itself.
  return Number.isNaN(a) || Number.isNaN(b) ? undefined : 0
}

/** -1, 0 or 1; undefined for values that have no order (or NaN). */
export function compare(a: CelValue, b: CelValue): number | undefined {
  const left = numericOf(a)
  const right = numericOf(b)
  if (left !== undefined && right !== undefined) return compareNumbers(left, right)
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  const areTimes = a instanceof CelTimestamp && b instanceof CelTimestamp
  const areDurations = a instanceof CelDuration && b instanceof CelDuration
  if (areTimes || areDurations) return compareNumbers(a.nanos, b.nanos)
  return undefined
}

/** By code point, as bytes of UTF-8 are ordered. */
function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  const limit = Math.min(a.length, b.length)
  let index = 0
  while (index < limit && a.charCodeAt(index) === b.charCodeAt(index)) index++
  if (index === limit) return a.length - b.length < 0 ? -1 : 1
  const [left, right] = [a, b].map((text) => {
    const unit = text.charCodeAt(index)
    // Surrogates stand for what is above every single unit.
    return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
  })
  return left! < right! ? -1 : 1
}
