import { ArrayList } from '../values/containers.ts'
import type { CelInt } from '../values/numbers.ts'
import { CelError } from '../values/value.ts'
import type { CelList, CelValue } from '../values/value.ts'
import { formatString } from './format-string.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

/** Texts are indexed by code point; plain ones without splitting. */
function pointsOf(text: string): string | string[] {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0xd800) return [...text]
  return text
}

const outOfRange = (index: CelInt): CelError => new CelError(`index out of range: ${index}`)
const join = (points: string | string[]): string => (typeof points === 'string' ? points : points.join(''))

function charAt(text: string, index: CelInt): CelValue {
  const points = pointsOf(text)
  const at = Number(index)
  if (at < 0 || at > points.length) return outOfRange(index)
  return points[at] ?? ''
}

function search(text: string, part: string, { from, isLast }: { from?: CelInt; isLast: boolean }): CelValue {
  const points = pointsOf(text)
  const wanted = [...part]
  const offset = from === undefined ? undefined : Number(from)
  if (wanted.length === 0) return offset ?? (isLast ? points.length : 0)
  if (offset !== undefined && (offset < 0 || offset >= points.length)) return outOfRange(offset)
  if (typeof points === 'string' && part.length === wanted.length)
    return isLast ? points.lastIndexOf(part, offset ?? Infinity) : points.indexOf(part, offset ?? 0)
  const last = points.length - wanted.length
  const fits = (at: number): boolean => wanted.every((point, index) => points[at + index] === point)
  if (!isLast) {
    for (let at = offset ?? 0; at <= last; at++) if (fits(at)) return at
    return -1
  }
  for (let at = Math.min(offset ?? last, last); at >= 0; at--) if (fits(at)) return at
  return -1
}

function substring(text: string, start: CelInt, end?: CelInt): CelValue {
  const points = pointsOf(text)
  const from = Number(start)
  const to = end === undefined ? points.length : Number(end)
  if (end !== undefined && from > to)
    return new CelError(`invalid substring range. start: ${from}, end: ${to}`)
  if (from < 0 || from > points.length) return outOfRange(start)
  if (to < 0 || to > points.length) return outOfRange(end!)
  return join(points.slice(from, to))
}

function replace(text: string, from: string, to: string, limit: CelInt = -1): string {
  let left = Number(limit)
  if (left === 0) return text
  if (left < 0) left = Infinity
  if (from === '') {
    const points = [...text]
    const gaps = points.map((point, index) => (index < left ? to + point : point))
    return gaps.join('') + (points.length < left ? to : '')
  }
  let result = ''
  let at = 0
  for (let found = text.indexOf(from); found >= 0 && left > 0; found = text.indexOf(from, at)) {
    result += text.slice(at, found) + to
    at = found + from.length
    left--
  }
  return result + text.slice(at)
}

function split(text: string, separator: string, limit: CelInt = -1): CelValue {
  const most = Number(limit)
  if (most === 0) return new ArrayList([])
  const parts = separator === '' ? [...text] : text.split(separator)
  if (most < 0 || parts.length <= most) return new ArrayList(parts)
  return new ArrayList([...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)])
}

function joinTexts(list: CelList, separator = ''): CelValue {
  const texts: string[] = []
  for (const item of list) {
    if (typeof item !== 'string') return new CelError(`join: invalid input: ${String(item)}`)
    texts.push(item)
  }
  return texts.join(separator)
}

const quoted: Record<string, string> = {
  '\x07': String.raw`\a`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\v': String.raw`\v`,
  '\\': String.raw`\\`,
  '"': String.raw`\"`,
}
function quote(text: string): string {
  const escaped = Array.from(text.toWellFormed(), (char) => quoted[char] ?? char).join('')
  return `"${escaped}"`
}

const lower = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())
const upper = (text: string): string => text.replace(/[a-z]+/g, (part) => part.toUpperCase())
// Go's unicode.IsSpace.
const trim = (text: string): string =>
  text.replace(
    /^[\t\n\v\f\r \x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t\n\v\f\r \x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g,
    '',
  )

/** Functions of texts: the standard ones and cel-go's ext/strings.go, version 2. */
export const stringOverloads: Overload[] = [
  overload('contains_string', 'string.contains(string) -> bool', (text: string, part: string) =>
    text.includes(part),
  ),
  overload('ends_with_string', 'string.endsWith(string) -> bool', (text: string, part: string) =>
    text.endsWith(part),
  ),
  overload('starts_with_string', 'string.startsWith(string) -> bool', (text: string, part: string) =>
    text.startsWith(part),
  ),
  overload('string_char_at_int', 'string.charAt(int) -> string', charAt),
  overload('string_index_of_string', 'string.indexOf(string) -> int', (text: string, part: string) =>
    search(text, part, { isLast: false }),
  ),
  overload(
    'string_index_of_string_int',
    'string.indexOf(string, int) -> int',
    (text: string, part: string, from: CelInt) => search(text, part, { from, isLast: false }),
  ),
  overload('string_last_index_of_string', 'string.lastIndexOf(string) -> int', (text: string, part: string) =>
    search(text, part, { isLast: true }),
  ),
  overload(
    'string_last_index_of_string_int',
    'string.lastIndexOf(string, int) -> int',
    (text: string, part: string, from: CelInt) => search(text, part, { from, isLast: true }),
  ),
  overload('string_lower_ascii', 'string.lowerAscii() -> string', lower),
  overload('string_upper_ascii', 'string.upperAscii() -> string', upper),
  overload('string_replace_string_string', 'string.replace(string, string) -> string', replace),
  overload('string_replace_string_string_int', 'string.replace(string, string, int) -> string', replace),
  overload('string_split_string', 'string.split(string) -> list<string>', split),
  overload('string_split_string_int', 'string.split(string, int) -> list<string>', split),
  overload('string_substring_int', 'string.substring(int) -> string', substring),
  overload('string_substring_int_int', 'string.substring(int, int) -> string', substring),
  overload('string_trim', 'string.trim() -> string', trim),
  overload('string_format', 'string.format(list<dyn>) -> string', formatString),
  overload('strings_quote', 'strings::quote(string) -> string', quote),
  overload('list_join', 'list<string>.join() -> string', joinTexts),
  overload('list_join_string', 'list<string>.join(string) -> string', joinTexts),
]
