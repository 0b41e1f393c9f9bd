import { isGoInt, isNumber } from '../../../api/go-text.ts'
import type { Schema } from '../schema.ts'
import { isKnownFormat } from './formats.ts'

/** The JSON type of a value and the format that Go's type of it stands for; whole numbers are integers. */
function typeOf(value: unknown): { type: string; format: string } {
  if (Array.isArray(value)) return { type: 'array', format: '' }
  if (isNumber(value)) {
    return isGoInt(value) ? { type: 'integer', format: 'int64' } : { type: 'number', format: 'float64' }
  }
  return { type: typeof value, format: '' }
}

/** The types that a schema allows; none when it does not say. */
export function wantedTypes(schema: Schema): string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string']
  return schema.type === undefined ? [] : [schema.type]
}

/** The format of a schema as far as it counts for its type (upstream: StripUnsupportedFormatsPostProcessorForVersion). */
export function effectiveFormat(schema: Schema): string {
  const { format = '' } = schema
  const types = wantedTypes(schema)
  switch (types.length === 1 ? types[0] : '') {
    case '':
    case 'string':
      return isKnownFormat(format) ? format : ''
    case 'integer':
      return format === 'int32' || format === 'int64' ? format : ''
    case 'number':
      return format === 'float' || format === 'double' ? format : ''
    default:
      return ''
  }
}

/** What type a value should have had, and has; undefined when it is right (upstream: kube-openapi validate/type.go). */
export function typeProblem(schema: Schema, value: unknown): { wanted: string; found: string } | undefined {
  const types = wantedTypes(schema)
  const wanted = types.join(',')
  if (value === null || value === undefined)
    return schema.nullable === true || types.length === 0 ? undefined : { wanted, found: 'null' }
  const format = effectiveFormat(schema)
  if (types.length === 0 && format === '') return undefined
  const found = typeOf(value)
  const isRight =
    types.includes(found.type) ||
    (found.type === 'integer' && types.includes('number')) ||
    (found.type === 'number' && types.includes('integer') && Number.isSafeInteger(value))
  const isText = typeof value === 'string' || Array.isArray(value)
  if (!isText && format !== '' && !isRight && found.format !== format)
    return { wanted: format, found: found.format }
  // Of a text that has a format, the format alone is judged.
  if (isText && format !== '' && !types.includes('number') && !types.includes('integer')) return undefined
  return isRight ? undefined : { wanted, found: found.type }
}
