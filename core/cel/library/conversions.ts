import { CelDouble, CelUint, formatDouble, isInt, toInt, toUint } from '../values/numbers.ts'
import type { CelInt } from '../values/numbers.ts'
import {
  CelDuration,
  CelTimestamp,
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  timestampOf,
} from '../values/time.ts'
import { CelList, CelMap, CelError, CelOpaque, CelOptional, TypeValue } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

const second = 1_000_000_000n
const outOfRange = new CelError('integer overflow')
const same = (value: CelValue): CelValue => value

/** The name of a value's type, as `type()` gives it. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (isInt(value)) return 'int'
  if (value instanceof CelList) return 'list'
  if (value instanceof CelMap || value instanceof CelOpaque) return value.typeName
  if (value instanceof CelUint) return 'uint'
  if (value instanceof CelDouble) return 'double'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof CelTimestamp) return 'google.protobuf.Timestamp'
  if (value instanceof CelDuration) return 'google.protobuf.Duration'
  if (value instanceof CelOptional) return 'optional_type'
  return value instanceof TypeValue ? 'type' : 'error'
}

function textToBool(text: string): CelValue {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  return new CelError('type conversion error from string to bool')
}

function textToInt(text: string): CelValue {
  if (!/^[+-]?\d+$/.test(text))
    return new CelError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return (
    toInt(BigInt(text.replace('+', ''))) ??
    new CelError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
  )
}

function textToUint(text: string): CelValue {
  if (!/^\d+$/.test(text))
    return new CelError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  return (
    toUint(BigInt(text)) ??
    new CelError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`)
  )
}

function textToDouble(text: string): CelValue {
  const special = { nan: NaN, inf: Infinity, '+inf': Infinity, '-inf': -Infinity, infinity: Infinity }[
    text.toLowerCase()
  ]
  if (special !== undefined) return new CelDouble(special)
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text))
    return new CelError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`)
  return new CelDouble(Number(text))
}

function doubleToInt({ value }: CelDouble): CelValue {
  if (Number.isNaN(value) || value <= -(2 ** 63) || value >= 2 ** 63) return outOfRange
  return toInt(BigInt(Math.trunc(value))) ?? outOfRange
}

function doubleToUint({ value }: CelDouble): CelValue {
  if (Number.isNaN(value) || value < 0 || value >= 2 ** 64) return new CelError('unsigned integer overflow')
  return toUint(BigInt(Math.trunc(value))) ?? outOfRange
}

function textToTimestamp(text: string): CelValue {
  const read = /[Tt]/.test(text) ? parseTimestamp(text) : undefined
  return (
    read ?? new CelError(`parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse`)
  )
}

function textToDuration(text: string): CelValue {
  return parseDuration(text) ?? new CelError(`time: invalid duration ${JSON.stringify(text)}`)
}

function bytesToText(bytes: Uint8Array): CelValue {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // The decoder's message says nothing of which bytes.
    return new CelError('invalid UTF-8 in bytes, cannot convert to string')
  }
}

/** Conversions between types, and `type` (cel-go: common/stdlib). */
export const conversionOverloads: Overload[] = [
  overload('bool_to_bool', 'bool(bool) -> bool', same),
  overload('string_to_bool', 'bool(string) -> bool', textToBool),
  overload('bytes_to_bytes', 'bytes(bytes) -> bytes', same),
  overload('string_to_bytes', 'bytes(string) -> bytes', (text: string) => new TextEncoder().encode(text)),
  overload('double_to_double', 'double(double) -> double', same),
  overload('int64_to_double', 'double(int) -> double', (value: CelInt) => new CelDouble(Number(value))),
  overload('string_to_double', 'double(string) -> double', textToDouble),
  overload(
    'uint64_to_double',
    'double(uint) -> double',
    (value: CelUint) => new CelDouble(Number(value.value)),
  ),
  overload('duration_to_duration', 'duration(duration) -> duration', same),
  overload(
    'int64_to_duration',
    'duration(int) -> duration',
    (value: CelInt) => new CelDuration(BigInt(value)),
  ),
  overload('string_to_duration', 'duration(string) -> duration', textToDuration),
  overload('to_dyn', 'dyn(A) -> dyn', same),
  overload('int64_to_int64', 'int(int) -> int', same),
  overload('double_to_int64', 'int(double) -> int', doubleToInt),
  overload(
    'duration_to_int64',
    'int(duration) -> int',
    (value: CelDuration) => toInt(value.nanos) ?? outOfRange,
  ),
  overload('string_to_int64', 'int(string) -> int', textToInt),
  overload('timestamp_to_int64', 'int(timestamp) -> int', ({ nanos }: CelTimestamp) => {
    const seconds = nanos / second
    return toInt(nanos < 0n && nanos % second !== 0n ? seconds - 1n : seconds) ?? outOfRange
  }),
  overload('uint64_to_int64', 'int(uint) -> int', (value: CelUint) => toInt(value.value) ?? outOfRange),
  overload('string_to_string', 'string(string) -> string', same),
  overload('bool_to_string', 'string(bool) -> string', (value: boolean) => String(value)),
  overload('bytes_to_string', 'string(bytes) -> string', bytesToText),
  overload('double_to_string', 'string(double) -> string', (value: CelDouble) => formatDouble(value.value)),
  overload('duration_to_string', 'string(duration) -> string', formatDuration),
  overload('int64_to_string', 'string(int) -> string', (value: CelInt) => String(value)),
  overload('timestamp_to_string', 'string(timestamp) -> string', formatTimestamp),
  overload('uint64_to_string', 'string(uint) -> string', (value: CelUint) => String(value.value)),
  overload('timestamp_to_timestamp', 'timestamp(timestamp) -> timestamp', same),
  overload(
    'int64_to_timestamp',
    'timestamp(int) -> timestamp',
    (value: CelInt) => timestampOf(BigInt(value) * second) ?? new CelError('timestamp overflow'),
  ),
  overload('string_to_timestamp', 'timestamp(string) -> timestamp', textToTimestamp),
  overload('type', 'type(A) -> type<A>', (value: CelValue) => new TypeValue(typeNameOf(value))),
  overload('uint64_to_uint64', 'uint(uint) -> uint', same),
  overload('double_to_uint64', 'uint(double) -> uint', doubleToUint),
  overload(
    'int64_to_uint64',
    'uint(int) -> uint',
    (value: CelInt) => toUint(BigInt(value)) ?? new CelError('unsigned integer overflow'),
  ),
  overload('string_to_uint64', 'uint(string) -> uint', textToUint),
]
