import { goKind } from '../../util/go-kind.ts'
import { goType } from '../../api/go-text.ts'
import type { Misfit } from './decode-error.ts'

const goKinds: Record<string, string> = { object: 'map', string: 'string', boolean: 'bool' }

/** The kind of a value's type, as Go's reflection has it. */
function reflectKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  return goKinds[typeof value] ?? goType(value)
}

/**
 * What is wrong with a value of a strategic patch, which upstream converts from maps rather than reads from JSON (apimachinery:
 * runtime/converter.go fromUnstructured).
 */
export function conversionError({ value, typeText, reader }: Misfit): string {
  if (reader === 'time') return `json: cannot unmarshal ${goKind(value)} into Go value of type string`
  const from = reflectKind(value)
  if (typeText.startsWith('map[')) return `cannot restore map from ${from}`
  if (typeText.startsWith('[]')) return `cannot restore slice from ${from}`
  if (reader === 'struct') return `cannot restore struct from: ${from}`
  // Only named texts have a type of their own among those that are no structs.
  const to = typeText.includes('.') ? 'string' : typeText
  const isConvertible = to === 'string' ? from === 'int64' : to !== 'bool' && /^(int|float)/.test(from)
  return isConvertible ? `cannot convert ${from} to ${typeText}` : `unrecognized type: ${to}`
}
