import { badRequest } from '../../api/status.ts'
import { parseGoTime } from '../../registry/schema/go-time.ts'
import { rfc3339 } from '../../util/clock.ts'

/** A whole number from a query parameter; undefined when absent. Throws 400 with Go's wording for anything else, nothing among it. */
export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const value = Number(text)
  if (!/^[+-]?\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (!Number.isSafeInteger(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
  }
  return value
}

/** A boolean query parameter; undefined when absent. All but `0` and `false` is true (upstream: Convert_Slice_string_To_Pointer_bool). */
export function booleanParameter(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  return text !== '0' && text.toLowerCase() !== 'false'
}

/** A text parameter; undefined when absent or empty. */
export function textParameter(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined
}

/** An RFC 3339 time; undefined when absent or empty. Throws 400 with Go's wording otherwise. */
export function timeParameter(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name)
  if (text === null || text === '' || text === 'null') return undefined
  const time = parseGoTime(text, 'time')
  if (typeof time === 'string') throw badRequest(time)
  const { milliseconds, fraction } = time
  return `${rfc3339(milliseconds).slice(0, -1)}.${fraction || '0'}Z`
}
