import { goJsonError } from '../../util/go-json-error.ts'
import { goKind } from '../../util/go-kind.ts'

/** What is wrong with a text that is to be a JSON object, in Go's words (encoding/json); undefined for an object or null. */
export function jsonObjectProblem(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return goJsonError(Buffer.from(text)) ?? (error as Error).message
  }
  const type = goKind(value)
  if (type === 'object') return undefined
  return `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`
}
