import { boolType, doubleType, dynType, intType, stringType } from './cel-type.ts'
import type { Bounds, CelType, ObjectField } from './cel-type.ts'
import { escapeName } from './escaping.ts'

/** The parts of a schema that types are made of; structural schemas have this shape. */
export interface DeclaredSchema {
  type?: string | undefined
  format?: string | undefined
  properties?: Record<string, DeclaredSchema>
  additionalProperties?: DeclaredSchema | boolean
  items?: DeclaredSchema
  required?: string[]
  enum?: unknown[]
  default?: unknown
  maxItems?: number
  maxLength?: number
  maxProperties?: number
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: string[]
}

/** The largest request that is taken: what bounds values that a schema does not bound. */
export const maxRequestBytes = 3 * 1024 * 1024
const minStringSize = 2
const minObjectSize = 2

const notNegative = (value: number): number => Math.max(0, value)

/**
 * The type of values under a structural schema, with the bounds that cost estimates need (upstream: pkg/cel/common
 * SchemaDeclType); undefined for what expressions cannot see. The root of a resource has `apiVersion`, `kind` and
 * `metadata` whatever its schema says. `name` is the type's name in messages.
 */
export function declaredType(
  schema: DeclaredSchema,
  { isResourceRoot = false, name = 'object' }: { isResourceRoot?: boolean; name?: string } = {},
): CelType | undefined {
  if (schema['x-kubernetes-int-or-string']) {
    const { maxLength } = schema
    const maxElements = maxLength === undefined ? maxRequestBytes - 2 : notNegative(maxLength) * 4
    return { ...dynType, maxElements, minSerializedSize: 1 }
  }
  const seen = isResourceRoot ? withObjectMeta(schema) : schema
  switch (seen.type) {
    case 'array':
      return listType(seen, name)
    case 'object':
      return typeof seen.additionalProperties === 'object'
        ? mapType(seen, seen.additionalProperties, name)
        : structType(seen, name)
    case 'string':
      return textType(seen)
    case 'boolean':
      return { ...boolType, minSerializedSize: 4 }
    case 'number':
      return { ...doubleType, minSerializedSize: 1 }
    case 'integer':
      return { ...intType, minSerializedSize: 1 }
    default:
      return undefined
  }
}

function child(schema: DeclaredSchema, name: string): CelType | undefined {
  return declaredType(schema, { isResourceRoot: schema['x-kubernetes-embedded-resource'] === true, name })
}

function listType(schema: DeclaredSchema, name: string): CelType | undefined {
  const element = schema.items && child(schema.items, `${name}.@idx`)
  if (!element) return undefined
  const smallest = element.minSerializedSize ?? 0
  const maxElements =
    schema.maxItems === undefined
      ? Math.floor((maxRequestBytes - 2) / (smallest + 1))
      : notNegative(schema.maxItems)
  const listType = schema['x-kubernetes-list-type']
  return {
    kind: 'list',
    element,
    maxElements,
    minSerializedSize: 2,
    ...((listType === 'set' || listType === 'map') && { listType }),
    ...(listType === 'map' && { mapKeys: schema['x-kubernetes-list-map-keys'] ?? [] }),
  }
}

function mapType(schema: DeclaredSchema, values: DeclaredSchema, name: string): CelType | undefined {
  const value = child(values, `${name}.@elem`)
  if (!value) return undefined
  const maxElements =
    schema.maxProperties === undefined
      ? Math.floor((maxRequestBytes - 2) / ((value.minSerializedSize ?? 0) + 6))
      : notNegative(schema.maxProperties)
  return { kind: 'map', key: stringType, value, maxElements, minSerializedSize: 2 }
}

function structType(schema: DeclaredSchema, name: string): CelType {
  const fields = new Map<string, ObjectField>()
  const required = new Set(schema.required)
  let minSerializedSize = minObjectSize
  for (const [property, member] of Object.entries(schema.properties ?? {})) {
    const escaped = escapeName(property)
    const type = child(member, `${name}.${property}`)
    if (!type) continue
    if (escaped !== undefined) fields.set(escaped, { property, type })
    if (required.has(property) && member.default === undefined) {
      minSerializedSize += Buffer.byteLength(property) + (type.minSerializedSize ?? 0) + 4
    }
  }
  return { kind: 'object', name, fields, minSerializedSize }
}

/** What a text of a format is to CEL, and its largest and smallest size as JSON. */
const formats: Record<string, { kind: 'duration' | 'timestamp'; max: number; min: number }> = {
  duration: { kind: 'duration', max: 32, min: 3 },
  date: { kind: 'timestamp', max: 12, min: 12 },
  'date-time': { kind: 'timestamp', max: 32, min: 21 },
}

function textType({ format = '', maxLength, enum: values = [] }: DeclaredSchema): CelType {
  const special = Object.hasOwn(formats, format) ? formats[format] : undefined
  if (special) return { kind: special.kind, maxElements: special.max, minSerializedSize: special.min }
  const isBytes = format === 'byte'
  const bounds: Bounds = {
    maxElements:
      maxLength === undefined
        ? longestText(isBytes ? [] : values)
        : notNegative(maxLength) * (isBytes ? 1 : 4),
    minSerializedSize: minStringSize,
  }
  return { kind: isBytes ? 'bytes' : 'string', ...bounds }
}

function longestText(values: unknown[]): number {
  if (values.length === 0) return maxRequestBytes - 2
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)))
}

function withObjectMeta(schema: DeclaredSchema): DeclaredSchema {
  const text = { type: 'string' }
  const metadata = { type: 'object', properties: { name: text, generateName: text } }
  return {
    ...schema,
    type: 'object',
    properties: { ...schema.properties, apiVersion: text, kind: text, metadata },
  }
}
