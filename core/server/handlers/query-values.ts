import { badRequest } from '../../api/status.ts'

/** A whole number from a query parameter; undefined when absent or empty. Throws 400 with Go's wording otherwise. */
export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const value = Number(text)
  if (!/^[+-]?\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (!Number.isSafeInteger(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
  }
  return value
}

/** A boolean query parameter; undefined when absent. Throws 400 for what Go's strconv.ParseBool refuses. */
export function booleanParameter(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  // An empty value, as in `?pretty`, counts as true for upstream's query conversion.
  if (/^(|1|t|T|true|TRUE|True)$/.test(text)) return true
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false
  throw badRequest(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}

/** A text parameter; undefined when absent or empty. */
export function textParameter(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined
}
