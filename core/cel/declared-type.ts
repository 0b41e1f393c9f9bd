import { boolType, doubleType, dynType, intType, stringType } from './cel-type.ts'
import type { Bounds, CelType, ObjectField } from './cel-type.ts'
import { escapeName } from './escaping.ts'

/** The parts of a schema that types are made of; structural schemas have this shape. */
export interface DeclaredSchema {
  /** `#/components/schemas/…` */
  $ref?: string
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

const notNegative = (value: number): number => Math.max(0, Number(value))

/** How a schema becomes a type. */
export interface DeclaredTypeOptions {
  /** The root of a resource has `apiVersion`, `kind` and `metadata` whatever its schema says. */
  isResourceRoot?: boolean
  /** The type's name in messages. */
  name?: string
  /** The schemas that references of built-in kinds lead to, by name; a structural schema has no references. */
  schemaOf?(name: string): DeclaredSchema | undefined
}

interface Context {
  name: string
  schemaOf: (name: string) => DeclaredSchema | undefined
  /** The references that lead here: one that leads to itself is an object without fields. */
  visited: readonly string[]
}

const refPrefix = '#/components/schemas/'

/**
 * The type of values under a schema, with the bounds that cost estimates need (upstream: pkg/cel/common
 * SchemaDeclType, openapi/resolver PopulateRefs); undefined for what expressions cannot see.
 */
export function declaredType(
  schema: DeclaredSchema,
  { isResourceRoot = false, name = 'object', schemaOf = () => undefined }: DeclaredTypeOptions = {},
): CelType | undefined {
  return typeOf(schema, isResourceRoot, { name, schemaOf, visited: [] })
}

function typeOf(given: DeclaredSchema, isResourceRoot: boolean, context: Context): CelType | undefined {
  if (given.$ref !== undefined) return referredType(given.$ref, isResourceRoot, context)
  if (given['x-kubernetes-int-or-string'] || given.format === 'int-or-string') {
    const { maxLength } = given
    const maxElements = maxLength === undefined ? maxRequestBytes - 2 : notNegative(maxLength) * 4
    return { ...dynType, maxElements, minSerializedSize: 1 }
  }
  const schema = isResourceRoot ? withObjectMeta(given, context) : given
  switch (schema.type) {
    case 'array':
      return listType(schema, context)
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? mapType(schema, schema.additionalProperties, context)
        : structType(schema, context)
    case 'string':
      return textType(schema)
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

function referredType(ref: string, isResourceRoot: boolean, context: Context): CelType | undefined {
  const { schemaOf, visited } = context
  if (visited.includes(ref)) return structType({}, context)
  const schema = schemaOf(ref.slice(refPrefix.length))
  return schema && typeOf(schema, isResourceRoot, { ...context, visited: [...visited, ref] })
}

function child(schema: DeclaredSchema, member: string, context: Context): CelType | undefined {
  const isResourceRoot = schema['x-kubernetes-embedded-resource'] === true
  return typeOf(schema, isResourceRoot, { ...context, name: `${context.name}.${member}` })
}

function listType(schema: DeclaredSchema, context: Context): CelType | undefined {
  const element = schema.items && child(schema.items, '@idx', context)
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

function mapType(schema: DeclaredSchema, values: DeclaredSchema, context: Context): CelType | undefined {
  const value = child(values, '@elem', context)
  if (!value) return undefined
  const maxElements =
    schema.maxProperties === undefined
      ? Math.floor((maxRequestBytes - 2) / ((value.minSerializedSize ?? 0) + 6))
      : notNegative(schema.maxProperties)
  return { kind: 'map', key: stringType, value, maxElements, minSerializedSize: 2 }
}

function structType(schema: DeclaredSchema, context: Context): CelType {
  const fields = new Map<string, ObjectField>()
  const required = new Set(schema.required)
  let minSerializedSize = minObjectSize
  for (const [property, member] of Object.entries(schema.properties ?? {})) {
    const escaped = escapeName(property)
    const type = child(member, property, context)
    if (!type) continue
    if (escaped !== undefined) fields.set(escaped, { property, type })
    if (required.has(property) && member.default === undefined) {
      minSerializedSize += Buffer.byteLength(property) + (type.minSerializedSize ?? 0) + 4
    }
  }
  return { kind: 'object', name: context.name, fields, minSerializedSize }
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

/** Types and names are there even if a schema does not say so; metadata that a schema describes stays as it is. */
function withObjectMeta(schema: DeclaredSchema, { schemaOf }: Context): DeclaredSchema {
  const text = { type: 'string' }
  const given = schema.properties?.metadata
  const described = given?.$ref === undefined ? given : schemaOf(given.$ref.slice(refPrefix.length))
  const { name, generateName } = described?.properties ?? {}
  const isWhole = name?.type === 'string' && generateName?.type === 'string'
  const metadata = isWhole ? given! : { type: 'object', properties: { name: text, generateName: text } }
  return {
    ...schema,
    type: 'object',
    properties: { ...schema.properties, apiVersion: text, kind: text, metadata },
  }
}
