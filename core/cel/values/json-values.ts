import { dynType, formatType } from '../cel-type.ts'
import type { CelType, ListType, ObjectType } from '../cel-type.ts'
import { CelDouble, CelUint, toInt } from './numbers.ts'
import { CelDuration, CelTimestamp, parseDuration, parseTimestamp } from './time.ts'
import { CelList, CelMap, CelError, CelOpaque, CelOptional, TypeValue } from './value.ts'
import type { CelValue } from './value.ts'

/** A JSON array read through a type. */
export class JsonList extends CelList {
  readonly raw: readonly unknown[]
  readonly type: ListType
  constructor(raw: readonly unknown[], type: ListType) {
    super()
    this.raw = raw
    this.type = type
  }
  get length(): number {
    return this.raw.length
  }
  at(index: number): CelValue {
    return fromJson(this.raw[index], this.type.element)
  }
}

/** A JSON object read as a map. */
class JsonMap extends CelMap {
  readonly typeName = 'map'
  readonly raw: Readonly<Record<string, unknown>>
  readonly #value: CelType
  constructor(raw: Readonly<Record<string, unknown>>, value: CelType) {
    super()
    this.raw = raw
    this.#value = value
  }
  get size(): number {
    return Object.keys(this.raw).length
  }
  get(key: CelValue): CelValue | undefined {
    return this.has(key) ? fromJson(this.raw[key as string], this.#value) : undefined
  }
  has(key: CelValue): boolean {
    return typeof key === 'string' && Object.hasOwn(this.raw, key)
  }
  keys(): CelValue[] {
    return Object.keys(this.raw)
  }
}

/** A JSON object read field by field; what its type does not name is not there. */
class JsonObject extends CelMap {
  readonly typeName: string
  readonly raw: Readonly<Record<string, unknown>>
  readonly type: ObjectType
  constructor(raw: Readonly<Record<string, unknown>>, type: ObjectType) {
    super()
    this.typeName = type.name
    this.raw = raw
    this.type = type
  }
  get size(): number {
    return this.keys().length
  }
  get(key: CelValue): CelValue | undefined {
    const field = typeof key === 'string' ? this.type.fields.get(key) : undefined
    return field && Object.hasOwn(this.raw, field.property)
      ? fromJson(this.raw[field.property], field.type)
      : undefined
  }
  has(key: CelValue): boolean {
    const field = typeof key === 'string' ? this.type.fields.get(key) : undefined
    return field !== undefined && Object.hasOwn(this.raw, field.property)
  }
  keys(): CelValue[] {
    return [...this.type.fields]
      .filter(([, { property }]) => Object.hasOwn(this.raw, property))
      .map(([name]) => name)
  }
}

const dynList: ListType = { kind: 'list', element: dynType }

/** The value of a variable: JSON is read through the type, a CEL value stays as it is. */
export function toCelValue(given: unknown, type: CelType): CelValue {
  return typeof given === 'object' && given !== null && isCelObject(given) ? given : fromJson(given, type)
}

/** A JSON value as CEL sees it under a type. Yields a CelError for what does not fit. */
function fromJson(raw: unknown, type: CelType): CelValue {
  if (raw === null || raw === undefined) return null
  switch (type.kind) {
    case 'string':
      return typeof raw === 'string' ? raw : mismatch(type, raw)
    case 'bool':
      return typeof raw === 'boolean' ? raw : mismatch(type, raw)
    case 'int':
      return typeof raw === 'number' ? intOf(raw) : typeof raw === 'bigint' ? raw : mismatch(type, raw)
    case 'uint':
      return typeof raw === 'number'
        ? new CelUint(BigInt(Math.trunc(raw)))
        : typeof raw === 'bigint'
          ? new CelUint(raw)
          : mismatch(type, raw)
    case 'double':
      return typeof raw === 'number' || typeof raw === 'bigint'
        ? new CelDouble(Number(raw))
        : mismatch(type, raw)
    case 'bytes':
      return typeof raw === 'string' ? Uint8Array.from(Buffer.from(raw, 'base64')) : mismatch(type, raw)
    case 'timestamp':
      return (
        (typeof raw === 'string' && parseTimestamp(raw)) ||
        new CelError(`Invalid date-time format ${String(raw)}`)
      )
    case 'duration':
      return (
        (typeof raw === 'string' && parseDuration(raw)) ||
        new CelError(`Invalid duration format ${String(raw)}`)
      )
    case 'list':
      return Array.isArray(raw) ? new JsonList(raw, type) : mismatch(type, raw)
    case 'map':
      return isRecord(raw) ? new JsonMap(raw, type.value) : mismatch(type, raw)
    case 'object':
      return isRecord(raw) ? new JsonObject(raw, type) : mismatch(type, raw)
    case 'opaque':
      return type.name === 'optional_type'
        ? new CelOptional(fromJson(raw, type.parameters[0]!))
        : mismatch(type, raw)
    default:
      return untyped(raw)
  }
}

function untyped(raw: unknown): CelValue {
  if (typeof raw === 'string' || typeof raw === 'boolean' || typeof raw === 'bigint') return raw
  if (typeof raw === 'number') return Number.isSafeInteger(raw) ? intOf(raw) : new CelDouble(raw)
  if (Array.isArray(raw)) return new JsonList(raw, dynList)
  return isRecord(raw) ? new JsonMap(raw, dynType) : mismatch(dynType, raw)
}

function intOf(raw: number): CelValue {
  if (Number.isSafeInteger(raw)) return raw === 0 ? 0 : raw
  return Number.isInteger(raw) ? (toInt(BigInt(raw)) ?? new CelDouble(raw)) : new CelDouble(raw)
}

function mismatch(type: CelType, raw: unknown): CelError {
  return new CelError(`invalid data, expected ${formatType(type)} value, got ${typeof raw}`)
}

function isRecord(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}

function isCelObject(raw: object): raw is Exclude<CelValue, string | boolean | number | bigint | null> {
  return (
    raw instanceof CelList ||
    raw instanceof CelMap ||
    raw instanceof CelOptional ||
    raw instanceof CelOpaque ||
    raw instanceof CelDouble ||
    raw instanceof CelUint ||
    raw instanceof CelTimestamp ||
    raw instanceof CelDuration ||
    raw instanceof TypeValue ||
    raw instanceof CelError ||
    raw instanceof Uint8Array
  )
}
