import { RE2JS } from 're2js'
import { ArrayList } from '../values/containers.ts'
import type { CelInt } from '../values/numbers.ts'
import { CelError } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

const maxKept = 512
const compiled = new Map<string, RE2JS | CelError>()

/** A compiled pattern; the ones used last are kept, since patterns are nearly always constants. */
export function compilePattern(pattern: string): RE2JS | CelError {
  const known = compiled.get(pattern)
  if (known) return known
  let result: RE2JS | CelError
  try {
    result = RE2JS.compile(pattern)
  } catch (error) {
    result = new CelError(error instanceof Error ? error.message : String(error))
  }
  if (compiled.size >= maxKept) compiled.delete(compiled.keys().next().value!)
  compiled.set(pattern, result)
  return result
}

function matches(text: string, pattern: string): CelValue {
  const expression = compilePattern(pattern)
  return expression instanceof CelError ? expression : expression.test(text)
}

function findAll(text: string, pattern: string, limit: CelInt = -1): CelValue {
  const expression = compilePattern(pattern)
  if (expression instanceof CelError) return new CelError(`Illegal regex: ${expression.message}`)
  const most = Number(limit) < 0 ? Infinity : Number(limit)
  const found: string[] = []
  const matcher = expression.matcher(text)
  while (found.length < most && matcher.find()) found.push(matcher.group() ?? '')
  return new ArrayList(found)
}

function find(text: string, pattern: string): CelValue {
  const found = findAll(text, pattern, 1)
  return found instanceof ArrayList ? (found.values[0] ?? '') : found
}

/** Regular expressions: RE2, so none takes more than linear time. */
export const regexOverloads: Overload[] = [
  overload('matches', 'matches(string, string) -> bool', matches),
  overload('matches_string', 'string.matches(string) -> bool', matches),
  overload('string_find_string', 'string.find(string) -> string', find),
  overload('string_find_all_string', 'string.findAll(string) -> list<string>', findAll),
  overload('string_find_all_string_int', 'string.findAll(string, int) -> list<string>', findAll),
]
