import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { immutable } from '../../api/field-errors.ts'
import type { ObjectMeta } from '../../api/meta.ts'
import { orderedMetadata } from '../../api/ordered-metadata.ts'
import type { FieldError } from '../../api/status.ts'
import { deepEqual } from './deep-equal.ts'
import { jsonEqual } from '../../registry/json-equal.ts'

/**
 * Values as upstream's messages show them: its validation works on internal Go types, most of which have no names for
 * JSON, so that messages show every field by its Go name, in the order of the type, absent ones with Go's zero value.
 */

const file = join(import.meta.dirname, '../../../resources/kubernetes/internal-types.json')

interface InternalField {
  /** What the field is called in messages; empty for an embedded struct, whose fields stand among the others. */
  shown: string
  type: string
  /** Its name in v1's JSON. */
  json: string
}

/** Members that internal types have elsewhere than v1, by type: what is moved before it is shown. */
const moved: Record<string, (value: JsonMap) => JsonMap> = {
  // Unions, whose JSON is that of what they hold.
  'apiextensions.JSONSchemaPropsOrArray': (value: unknown) =>
    Array.isArray(value) ? { schemas: value } : { schema: value },
  'apiextensions.JSONSchemaPropsOrBool': (value: unknown) =>
    typeof value === 'boolean' ? { allows: value } : { allows: true, schema: value },
  'apiextensions.JSONSchemaPropsOrStringArray': (value: unknown) =>
    Array.isArray(value) ? { property: value } : { schema: value },
  'core.PodSpec': ({ hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers, ...spec }) => ({
    ...spec,
    securityContext: {
      ...(spec['securityContext'] as JsonMap | undefined),
      ...{ hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers },
    },
  }),
}

type JsonMap = Record<string, unknown>

let types: Record<string, string[]> | undefined
const fieldsOf = new Map<string, InternalField[]>()

/**
 * The value of a v1 member as messages show upstream's internal `type` (e.g. `core.PodSpec`); a prefix of `*`, `[]` or
 * `{}` makes it a pointer, list or map of it. Throws for a type that the table does not have.
 */
export function internalForm(type: string, value: unknown): unknown {
  if (type.startsWith('*'))
    return value === undefined || value === null ? null : internalForm(type.slice(1), value)
  if (type.startsWith('[]')) return listForm(type.slice(2), value)
  if (type.startsWith('{}')) return mapForm(type.slice(2), value)
  switch (type) {
    case 'string':
      return value ?? ''
    case 'bool':
      return value ?? false
    case 'number':
    case 'any0':
      return value ?? 0
    case 'quantity':
      return value ?? '0'
    case 'any':
    case 'bytes':
    case 'json':
    case 'time':
      return sorted(value ?? null)
    default:
      return structForm(type, (value ?? {}) as JsonMap)
  }
}

/** Whether upstream finds two values of an internal type equal (apimachinery/pkg/api/equality). */
export function equalInside(type: string, a: unknown, b: unknown): boolean {
  return jsonEqual(a, b) || deepEqual(internalForm(type, a), internalForm(type, b))
}

/** What upstream's ValidateImmutableField says of a value of an internal type that is not to change. */
export function immutableInside(field: string, type: string, value: unknown, old: unknown): FieldError[] {
  return equalInside(type, value, old) ? [] : [immutable(field, internalForm(type, value))]
}

function listForm(type: string, value: unknown): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => internalForm(type, item)) : null
}

function mapForm(type: string, value: unknown): unknown {
  if (value === undefined || value === null) return null
  return Object.fromEntries(
    Object.entries(sorted(value) as JsonMap).map(([key, item]) => [key, internalForm(type, item)]),
  )
}

function structForm(type: string, given: JsonMap): JsonMap {
  const value = moved[type]?.(given) ?? given
  const shown: JsonMap = {}
  for (const field of internalFields(type)) {
    if (field.shown) shown[field.shown] = internalForm(field.type, value[field.json])
    else if (field.type === 'meta')
      Object.assign(shown, orderedMetadata((value[field.json] ?? {}) as ObjectMeta))
    else Object.assign(shown, structForm(field.type, value))
  }
  return shown
}

function internalFields(type: string): InternalField[] {
  const known = fieldsOf.get(type)
  if (known) return known
  types ??= JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>
  const lines = Object.hasOwn(types, type) ? types[type] : undefined
  if (!lines) throw new Error(`no internal type ${type}`)
  const fields = lines.map((line): InternalField => {
    const [shown = '', of = '', json] = line.split(' ')
    return { shown, type: of, json: json ?? shown.charAt(0).toLowerCase() + shown.slice(1) }
  })
  fieldsOf.set(type, fields)
  return fields
}

/** Maps as Go writes them, by key; `matchLabels` of a selector keeps its place before `matchExpressions`. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

function rank(key: string): number {
  return key === 'matchLabels' ? 0 : key === 'matchExpressions' ? 1 : 2
}
