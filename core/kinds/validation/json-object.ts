import { goKind } from '../../util/go-kind.ts'

/**
 * What is wrong with a text that is to be a JSON object, in Go's words (encoding/json) for what is empty, cut off, of
 * another type or no JSON from its beginning; undefined for an object or null.
 */
export function jsonObjectProblem(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return syntaxProblem(text, error as SyntaxError)
  }
  const type = goKind(value)
  if (type === 'object') return undefined
  return `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`
}

function syntaxProblem(text: string, error: SyntaxError): string {
  const [, position] = /at position (\d+)/.exec(error.message) ?? []
  const start = text.length - text.trimStart().length
  const at = position === undefined ? start : Number(position)
  if (text.trim() === '' || at >= text.length || /end of JSON/.test(error.message)) {
    return 'unexpected end of JSON input'
  }
  const place = at === start ? 'looking for beginning of value' : 'in JSON'
  return `invalid character '${text[at]}' ${place}`
}
