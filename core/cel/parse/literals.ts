import { CelDouble, CelUint } from '../values/numbers.ts'
import { toInt } from '../values/numbers.ts'
import type { CelValue } from '../values/value.ts'
import type { Token } from './lexer.ts'

const simpleEscapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/**
 * The value of a token that is a literal, with a sign before it; undefined for any other token. What cannot be read is
 * told to `report` with its position, and is null.
 */
export function readLiteral(
  { kind, text, position }: Token,
  sign: '' | '-',
  report: (position: number, what: string) => void,
): CelValue | undefined {
  const orReport = (value: CelValue | undefined, what: string): CelValue => {
    if (value !== undefined) return value
    report(position - sign.length, what)
    return null
  }
  switch (kind) {
    case 'int':
      return orReport(readInt(sign + text), 'invalid int literal')
    case 'float':
      return orReport(readDouble(sign + text), 'invalid double literal')
    case 'uint':
      return sign ? undefined : orReport(readUint(text), 'invalid uint literal')
    case 'string':
      return sign ? undefined : orReport(readString(text), 'invalid string literal')
    case 'bytes':
      return sign ? undefined : orReport(readBytes(text), 'invalid bytes literal')
    case 'keyword':
      if (sign || text === 'in') return undefined
      return text === 'null' ? null : text === 'true'
    default:
      return undefined
  }
}

/** A whole number; undefined when it does not fit 64 bits. `text` may begin with `-`. */
function readInt(text: string): CelValue | undefined {
  const isNegative = text.startsWith('-')
  const magnitude = BigInt(isNegative ? text.slice(1) : text)
  return toInt(isNegative ? -magnitude : magnitude)
}

/** An unsigned number such as `7u`. */
function readUint(text: string): CelValue | undefined {
  const value = BigInt(text.slice(0, -1))
  return value > 0xffffffffffffffffn ? undefined : new CelUint(value)
}

/** A floating-point number; undefined when it is beyond a double. */
function readDouble(text: string): CelValue | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? new CelDouble(value) : undefined
}

/** The text of a string token: quotes off, escapes read; undefined for an escape that stands for no character. */
function readString(token: string): string | undefined {
  const { body, isRaw } = unquote(token)
  if (isRaw || !body.includes('\\')) return body
  let isValid = true
  const text = body.replaceAll(escapePattern, (_match, code: string) => {
    const point = codeOf(code)
    if (typeof point === 'string') return point
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) isValid = false
    return isValid ? String.fromCodePoint(point) : ''
  })
  return isValid ? text : undefined
}

/** The bytes of a bytes token: its text as UTF-8, escapes `\x` and octal as single bytes. */
function readBytes(token: string): Uint8Array | undefined {
  const { body, isRaw } = unquote(token.slice(1))
  const parts: Uint8Array[] = []
  const utf8 = new TextEncoder()
  let index = 0
  for (const match of isRaw ? [] : body.matchAll(escapePattern)) {
    parts.push(utf8.encode(body.slice(index, match.index)))
    const code = match[1]!
    if (/^[uU]/.test(code)) return undefined
    const point = codeOf(code)
    parts.push(typeof point === 'string' ? utf8.encode(point) : Uint8Array.of(point))
    index = match.index + match[0].length
  }
  parts.push(utf8.encode(body.slice(index)))
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

const escapePattern = /\\([0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])/g

function codeOf(code: string): string | number {
  if (code.length === 1) return simpleEscapes[code] ?? code
  return /^[xXuU]/.test(code) ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8)
}

function unquote(token: string): { body: string; isRaw: boolean } {
  const isRaw = /^[rR]/.test(token)
  const quoted = isRaw ? token.slice(1) : token
  const width = /^("""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1
  return { body: quoted.slice(width, -width).replaceAll('\r\n', '\n').replaceAll('\r', '\n'), isRaw }
}
