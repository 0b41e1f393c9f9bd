import { isNumber } from '../../api/go-text.ts'
import { canonicalQuantity } from '../../api/quantity.ts'
import { rfc3339 } from '../../util/clock.ts'
import { type GoTime, parseGoTime } from './go-time.ts'
import { DecodeError } from './decode-error.ts'
import type { DecodeState } from './decode-error.ts'
import type { ScalarType } from './node.ts'

/** Checks one leaf and gives its canonical form; refuses through `state.typeError` or with a DecodeError. */
export type ScalarDecoder = (value: unknown, state: DecodeState, typeText: string) => unknown

const decodeString: ScalarDecoder = (value, state, typeText) =>
  typeof value === 'string' ? value : state.typeError(value, typeText)

const decodeInt32: ScalarDecoder = (value, state, typeText) =>
  typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31
    ? value
    : state.typeError(value, typeText)

/** Beyond 2^53 a number is a float, an integer a BigInt. */
const decodeInt64: ScalarDecoder = (value, state, typeText) =>
  Number.isSafeInteger(value) || typeof value === 'bigint' ? value : state.typeError(value, typeText)

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
function readTime(text: string, layout: 'time' | 'microTime'): GoTime {
  const time = parseGoTime(text, layout)
  if (typeof time === 'string') throw new DecodeError(time)
  return time
}

// Go reads a time as a text first, and says so.
const decodeTime: ScalarDecoder = (value, state) => {
  if (typeof value !== 'string') return state.typeError(value, 'string', 'time')
  return secondsForm.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : rfc3339(readTime(value, 'time').milliseconds)
}

const decodeMicroTime: ScalarDecoder = (value, state) => {
  if (typeof value !== 'string') return state.typeError(value, 'string', 'time')
  const { milliseconds, fraction } = readTime(value, 'microTime')
  return microForm.test(value) ? value : `${rfc3339(milliseconds).slice(0, -1)}.${fraction}Z`
}

const decodeQuantity: ScalarDecoder = (value, state, typeText) => {
  if (typeof value !== 'string' && !isNumber(value)) return state.typeError(value, typeText)
  const canonical = canonicalQuantity(typeof value === 'number' ? value : String(value).trim())
  if (canonical !== undefined) return canonical
  throw new DecodeError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  )
}

/** One decoder per leaf type. */
export const scalarDecoders: Record<ScalarType, ScalarDecoder> = {
  string: decodeString,
  bool: (value, state, typeText) => (typeof value === 'boolean' ? value : state.typeError(value, typeText)),
  int32: decodeInt32,
  int64: decodeInt64,
  number: (value, state, typeText) =>
    typeof value === 'number' && Number.isFinite(value)
      ? value
      : typeof value === 'bigint'
        ? Number(value)
        : state.typeError(value, typeText),
  bytes: decodeBytes,
  time: decodeTime,
  microTime: decodeMicroTime,
  quantity: decodeQuantity,
  intOrString: (value, state, typeText) =>
    typeof value === 'string' ? value : decodeInt32(value, state, typeText),
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
