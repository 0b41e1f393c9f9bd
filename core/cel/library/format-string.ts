import { CelDouble, CelUint, formatDouble, isInt } from '../values/numbers.ts'
import { CelDuration, CelTimestamp, formatDuration, formatTimestamp } from '../values/time.ts'
import { CelList, CelMap, CelError, TypeValue } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'

const clause = /%(?:(%)|(?:\.(\d+))?([A-Za-z]))/g
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

class FormatProblem extends Error {}

/** `'%s is %d'.format([…])` (cel-go: ext/formatting.go). */
export function formatString(text: string, args: CelList): CelValue {
  let next = 0
  try {
    return text.replace(
      clause,
      (_match, percent: string | undefined, digits: string | undefined, verb: string) => {
        if (percent) return '%'
        if (next >= args.length) throw new FormatProblem(`index ${next} out of range`)
        return formatOne(args.at(next++), verb, digits === undefined ? 6 : Number(digits))
      },
    )
  } catch (error) {
    if (error instanceof FormatProblem) return new CelError(error.message)
    throw error
  }
}

function formatOne(value: CelValue, verb: string, precision: number): string {
  if (value instanceof CelError) throw new FormatProblem(value.message)
  switch (verb) {
    case 's':
      return asText(value)
    case 'd':
      return value instanceof CelDouble ? asText(value) : wholeOf(value, 'decimal').toString()
    case 'f':
      return fixed(doubleOf(value, 'fixed-point'), precision)
    case 'e':
      return scientific(doubleOf(value, 'scientific'), precision)
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : wholeOf(value, 'binary').toString(2)
    case 'o':
      return wholeOf(value, 'octal').toString(8)
    case 'x':
      return hexadecimal(value)
    case 'X':
      return hexadecimal(value).toUpperCase()
    default:
      throw new FormatProblem(`could not parse formatting clause: unrecognized formatting clause "${verb}"`)
  }
}

function wrongType(what: string): FormatProblem {
  return new FormatProblem(`error during formatting: ${what} clause cannot be used on this type`)
}

function wholeOf(value: CelValue, what: string): bigint {
  if (isInt(value)) return BigInt(value)
  if (value instanceof CelUint) return value.value
  throw wrongType(what)
}

function doubleOf(value: CelValue, what: string): number {
  if (value instanceof CelDouble) return value.value
  if (isInt(value)) return Number(value)
  if (value instanceof CelUint) return Number(value.value)
  throw wrongType(what)
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? undefined : value > 0 ? 'Infinity' : '-Infinity'
}

function fixed(value: number, precision: number): string {
  return special(value) ?? value.toFixed(Math.min(precision, 100))
}

function scientific(value: number, precision: number): string {
  const plain = special(value)
  if (plain) return plain
  const [mantissa, exponent = '0'] = value.toExponential(Math.min(precision, 100)).split('e')
  const digits = exponent.replace(/^[+-]/, '').padStart(2, '0')
  const raised = [...digits].map((digit) => superscripts[Number(digit)]).join('')
  return `${mantissa}×10${exponent.startsWith('-') ? '⁻' : ''}${raised}`
}

function hexadecimal(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex')
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return wholeOf(value, 'hex').toString(16)
}

function asText(value: CelValue): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || isInt(value)) return String(value)
  if (value instanceof CelUint) return String(value.value)
  if (value instanceof CelDouble) return special(value.value) ?? formatDouble(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (value instanceof CelTimestamp) return formatTimestamp(value)
  if (value instanceof CelDuration) return formatDuration(value)
  if (value instanceof TypeValue) return value.name
  if (value instanceof CelList) return `[${[...value].map(asText).join(', ')}]`
  if (value instanceof CelMap) {
    const members = value.keys().map((key) => `${asText(key)}: ${asText(value.get(key) ?? null)}`)
    return `{${members.sort().join(', ')}}`
  }
  throw wrongType('string')
}
