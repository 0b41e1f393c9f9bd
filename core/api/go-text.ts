/** Values as Go writes them into messages (package fmt). JSON numbers without a fraction stand for int64. */

const shortEscapes = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
  ['\\', '\\\\'],
])

/** A text in quotation marks (`%q`): what cannot be printed is escaped. */
export function goQuote(text: string): string {
  return `"${text.replaceAll(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped)}"`
}

function escaped(character: string): string {
  const short = shortEscapes.get(character)
  if (short !== undefined) return short
  const code = character.codePointAt(0)!
  const hex = code.toString(16)
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** Whether a JSON value is a number, in either form. */
export function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** Whether a JSON number is read as int64 rather than float64; beyond 2^53 those are BigInts (exact-json.ts). */
export function isGoInt(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

/** A number (`%v`): whole ones as int64, others as float64. */
export function goNumber(value: number | bigint): string {
  return isGoInt(value) ? String(value) : goFloat(Number(value))
}

/** A float64 (`%v`): the shortest `%g`. */
export function goFloat(value: number): string {
  const [digits = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) {
    // JavaScript writes small fractions with an exponent where Go does not.
    if (exponent < 0) return value.toFixed(digits.replace(/[-.]/g, '').length - 1 - exponent)
    return value.toString()
  }
  const sign = exponent < 0 ? '-' : '+'
  return `${digits}e${sign}${Math.abs(exponent).toString().padStart(2, '0')}`
}

/** A JSON value (`%v`): texts bare, maps by their sorted keys. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (isNumber(value)) return goNumber(value)
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (typeof value !== 'object') return String(value as string | boolean)
  return `map[${membersOf(value)
    .map(([key, member]) => `${key}:${goValue(member)}`)
    .join(' ')}]`
}

/** A JSON value as a text (`%s`): whatever in it is none says what it is. */
export function goString(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return '%!s(<nil>)'
  if (Array.isArray(value)) return `[${value.map(goString).join(' ')}]`
  if (typeof value !== 'object') return `%!s(${goType(value)}=${goValue(value)})`
  const members = membersOf(value).map(([key, member]) => `${key}:${goString(member)}`)
  return `map[${members.join(' ')}]`
}

/** The type of a JSON value (`%T`). */
export function goType(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return isGoInt(value) ? 'int64' : 'float64'
    case 'boolean':
      return 'bool'
    case 'string':
      return 'string'
    default:
      return 'map[string]interface {}'
  }
}

/** A JSON value in the syntax of Go (`%#v`). */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (typeof value === 'string') return goQuote(value)
  if (isNumber(value)) return goNumber(value)
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value !== 'object') return String(value as boolean)
  const members = membersOf(value).map(([key, member]) => `${goQuote(key)}:${goSyntax(member)}`)
  return `map[string]interface {}{${members.join(', ')}}`
}

/** The members of a map in the order in which Go writes them. */
export function membersOf(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A value as encoding/json writes it: HTML's characters are escaped. */
export function goJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
}

/** A value of maps as encoding/json writes it: as goJson, keys in order. */
export function goMapJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMapJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return goJson(value)
  const members = membersOf(value).map(([key, member]) => `${goJson(key)}:${goMapJson(member)}`)
  return `{${members.join(',')}}`
}
