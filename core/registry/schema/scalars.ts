import { canonicalQuantity } from '../../api/quantity.ts'
import { rfc3339, rfc3339Micro } from '../../util/clock.ts'
import { timeProblem } from './go-time.ts'
import { DecodeError } from './decode-error.ts'
import type { DecodeState } from './decode-error.ts'
import type { ScalarType } from './node.ts'

/** Checks one leaf and gives its canonical form; refuses through `state.typeError` or with a DecodeError. */
export type ScalarDecoder = (value: unknown, state: DecodeState, typeText: string) => unknown

const decodeString: ScalarDecoder = (value, state, typeText) =>
  typeof value === 'string' ? value : state.typeError(value, typeText)

function decodeInteger(low: number, high: number): ScalarDecoder {
  return (value, state, typeText) =>
    typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
      ? value
      : state.typeError(value, typeText)
}

const decodeBytes: ScalarDecoder = (value, state, typeText) => {
  if (typeof value !== 'string') return state.typeError(value, typeText)
  if (isBase64(value)) return value
  const joined = value.replace(/[\r\n]/g, '')
  if (isBase64(joined)) return joined
  const at = joined.search(/[^A-Za-z0-9+/]/)
  throw new DecodeError(
    `illegal base64 data at input byte ${at < 0 ? joined.length - (joined.length % 4) : at}`,
  )
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

const secondsForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const microForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
const rfc3339Form = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.(\d+))?(?:[Zz]|[+-]\d\d:\d\d)$/

function parseTime(text: string): { milliseconds: number; fraction: string } {
  const match = rfc3339Form.exec(text)
  const milliseconds = match ? Date.parse(text) : NaN
  if (!match || Number.isNaN(milliseconds)) throw new DecodeError(timeProblem(text))
  return { milliseconds, fraction: match[1] ?? '' }
}

// Go reads a time as a text first, and says so.
const decodeTime: ScalarDecoder = (value, state) => {
  if (typeof value !== 'string') return state.typeError(value, 'string')
  return secondsForm.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : rfc3339(parseTime(value).milliseconds)
}

const decodeMicroTime: ScalarDecoder = (value, state) => {
  if (typeof value !== 'string') return state.typeError(value, 'string')
  const { milliseconds, fraction } = parseTime(value)
  if (microForm.test(value)) return value
  const micro = rfc3339Micro(milliseconds)
  return `${micro.slice(0, -7)}${fraction.slice(0, 6).padEnd(6, '0')}Z`
}

const decodeQuantity: ScalarDecoder = (value, state, typeText) => {
  if (typeof value !== 'string' && typeof value !== 'number') return state.typeError(value, typeText)
  const canonical = canonicalQuantity(typeof value === 'string' ? value.trim() : value)
  if (canonical !== undefined) return canonical
  throw new DecodeError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  )
}

const int32 = decodeInteger(-(2 ** 31), 2 ** 31 - 1)

/** One decoder per leaf type. */
export const scalarDecoders: Record<ScalarType, ScalarDecoder> = {
  string: decodeString,
  bool: (value, state, typeText) => (typeof value === 'boolean' ? value : state.typeError(value, typeText)),
  int32,
  int64: decodeInteger(-(2 ** 63), 2 ** 63),
  number: (value, state, typeText) =>
    typeof value === 'number' && Number.isFinite(value) ? value : state.typeError(value, typeText),
  bytes: decodeBytes,
  time: decodeTime,
  microTime: decodeMicroTime,
  quantity: decodeQuantity,
  intOrString: (value, state, typeText) =>
    typeof value === 'string' ? value : int32(value, state, typeText),
}

/** What Go writes for a value that was never set; undefined where nothing is better. */
export function zeroScalar(scalar: ScalarType): unknown {
  switch (scalar) {
    case 'string':
      return ''
    case 'bool':
      return false
    case 'int32':
    case 'int64':
    case 'number':
      return 0
    case 'quantity':
      return '0'
    case 'bytes':
    case 'time':
    case 'microTime':
    case 'intOrString':
      return undefined
  }
}
