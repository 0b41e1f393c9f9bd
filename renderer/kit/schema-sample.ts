import { apiVersionOf, type Resource } from '../../core/api/gvk.ts'
import type { KubeObject } from '../../core/api/meta.ts'

/** As much of an OpenAPI v3 schema as a first draft of an object needs. */
export interface OpenApiSchema {
  $ref?: string
  allOf?: OpenApiSchema[]
  type?: string
  properties?: Record<string, OpenApiSchema>
  items?: OpenApiSchema
  required?: string[]
  enum?: unknown[]
  default?: unknown
  minimum?: number
  minItems?: number
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[]
}
export type OpenApiSchemas = Record<string, OpenApiSchema>

const prefix = '#/components/schemas/'
/** Schemas may hold themselves. */
const deepest = 8

function resolved(schema: OpenApiSchema, schemas: OpenApiSchemas): OpenApiSchema {
  const $ref = schema.$ref ?? schema.allOf?.[0]?.$ref
  return $ref?.startsWith(prefix) ? { ...schemas[$ref.slice(prefix.length)], ...schema } : schema
}

/** The members an object must have, and those that have a value anyway, which says what may be chosen. */
function membersOf(schema: OpenApiSchema, schemas: OpenApiSchemas, depth: number): Record<string, unknown> {
  const required = new Set(schema.required)
  const wanted = Object.entries(schema.properties ?? {}).filter(
    ([name, member]) => required.has(name) || member.default !== undefined,
  )
  return Object.fromEntries(wanted.map(([name, member]) => [name, valueOf(member, schemas, depth + 1)]))
}

function valueOf(given: OpenApiSchema, schemas: OpenApiSchemas, depth: number): unknown {
  const schema = resolved(given, schemas)
  if (schema.default !== undefined) return schema.default
  if (schema.enum?.length) return schema.enum[0]
  if (schema.type === 'string') return ''
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 0
  if (schema.type === 'boolean') return false
  if (schema.type === 'array')
    return schema.items && schema.minItems && depth < deepest
      ? [valueOf(schema.items, schemas, depth + 1)]
      : []
  return depth < deepest ? membersOf(schema, schemas, depth) : {}
}

/** A first draft of an object of a kind: what its schema asks for, with a name to change. */
export function sampleOf(resource: Resource, schemas: OpenApiSchemas, namespace: string): KubeObject {
  const { group, version, kind } = resource
  const schema = Object.values(schemas).find((candidate) =>
    candidate['x-kubernetes-group-version-kind']?.some(
      (other) => other.group === group && other.version === version && other.kind === kind,
    ),
  )
  const { apiVersion, kind: _, metadata, status, ...members } = schema?.properties ?? {}
  const required = [...(schema?.required ?? []), 'spec']
  const rest = membersOf({ properties: members, required }, schemas, 0)
  return {
    apiVersion: apiVersionOf(resource),
    kind,
    metadata: { name: kind.toLowerCase(), ...(resource.namespaced && { namespace }) },
    ...rest,
  } as KubeObject
}
