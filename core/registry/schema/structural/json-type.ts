import type { Schema } from '../schema.ts'

/** The JSON type of a value; whole numbers are integers. */
function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** What type a value should have had, and has; undefined when it is right. */
export function typeProblem(schema: Schema, value: unknown): { wanted: string; found: string } | undefined {
  const found = jsonTypeOf(value)
  if (found === 'null') {
    const wanted = wantedTypes(schema)
    return schema.nullable === true || wanted.length === 0 ? undefined : { wanted: wanted.join(','), found }
  }
  const wanted = wantedTypes(schema)
  if (wanted.length === 0 || wanted.includes(found)) return undefined
  if (found === 'integer' && wanted.includes('number')) return undefined
  return { wanted: wanted.join(','), found }
}

function wantedTypes(schema: Schema): string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string']
  return schema.type === undefined ? [] : [schema.type]
}
