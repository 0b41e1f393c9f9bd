import type { KindDefinition } from '../../registry/kind.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import type { DocumentSchema } from './map-schema.ts'
import { metaSchemas, schemaNameOf } from './schema-names.ts'

/** Which form of documents is made, and how it refers to a schema. */
export interface DocumentForm {
  isV2: boolean
  refTo(name: string): { $ref: string }
}

const gvkExtension = 'x-kubernetes-group-version-kind'
const intOrString = [{ type: 'integer' }, { type: 'string' }]

const typeMembers: Record<string, { type: 'string'; description: string }> = {
  apiVersion: {
    type: 'string',
    description:
      'APIVersion defines which schema this object follows; servers convert between the versions they know.',
  },
  kind: { type: 'string', description: 'The resource that this object is, in CamelCase.' },
}
const metadataText = "Standard object's metadata, which every object has."

/**
 * What is published of a custom kind's schema: what every object has is added, at the root and in objects inside it
 * (upstream: apiextensions-apiserver pkg/controller/openapi/builder/builder.go buildKubeNative).
 */
export function publishCustomSchema(definition: KindDefinition, form: DocumentForm): DocumentSchema {
  const { group, version, kind } = definition
  const schema = definition.schema as Schema
  const isOpen = form.isV2 && schema['x-kubernetes-preserve-unknown-fields'] === true
  // Older kubectls take the known fields for all there may be, so that nothing can be said where others are kept.
  const published = isOpen ? { type: 'object' } : withTypeMembers(publish(schema, form), form)
  return { ...published, [gvkExtension]: [{ group, kind, version }], ...selectableFields(definition) }
}

/** The schema of a custom kind's lists. */
export function publishCustomList(definition: KindDefinition, form: DocumentForm): DocumentSchema {
  const { group, version, kind, names } = definition
  const listKind = names.listKind ?? `${kind}List`
  return {
    description: `${listKind} is a list of ${kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      ...typeMembers,
      items: {
        description: `The ${names.plural} of this list.`,
        type: 'array',
        items: form.refTo(schemaNameOf(definition)),
      },
      metadata: { description: 'Metadata of the list.', ...form.refTo(metaSchemas.listMeta) },
    },
    [gvkExtension]: [{ group, kind: listKind, version }],
    ...selectableFields(definition),
  }
}

function selectableFields({ selectableFields: fields = {} }: KindDefinition): DocumentSchema {
  const selectable = Object.keys(fields).map((fieldPath) => ({ fieldPath }))
  return selectable.length > 0 ? { 'x-kubernetes-selectable-fields': selectable } : {}
}

function withTypeMembers(schema: DocumentSchema, form: DocumentForm): DocumentSchema {
  const metadata = { description: metadataText, ...form.refTo(metaSchemas.objectMeta) }
  return { ...schema, properties: { ...(schema['properties'] as object), ...typeMembers, metadata } }
}

/** A schema with what it implies, and in OpenAPI v2 without what that cannot say. */
function publish(schema: Schema, form: DocumentForm): DocumentSchema {
  const own = form.isV2 ? lossy(withIntOrString(schema)) : withIntOrString(schema)
  const result = leavesOf(own)
  if (own.items) result['items'] = publish(own.items, form)
  if (own.properties && Object.keys(own.properties).length > 0) {
    const properties = Object.entries(own.properties)
    result['properties'] = Object.fromEntries(properties.map(([name, one]) => [name, publish(one, form)]))
  }
  const { additionalProperties } = own
  if (typeof additionalProperties === 'object') {
    result['additionalProperties'] = publish(additionalProperties, form)
  } else if (additionalProperties !== undefined) result['additionalProperties'] = additionalProperties
  if (form.isV2) {
    delete result['default']
    // Named fields beside unknown ones would make kubectl refuse the latter.
    if (own['x-kubernetes-preserve-unknown-fields']) return result
  }
  if (!own['x-kubernetes-embedded-resource']) return result
  const required = new Set([...(own.required ?? []), 'kind', 'apiVersion'])
  return { ...withTypeMembers(result, form), required: [...required] }
}

/** Everything of a schema but what stands below it; members that say nothing are left out. */
function leavesOf(schema: Schema): DocumentSchema {
  const result: DocumentSchema = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'items' || key === 'properties' || key === 'additionalProperties') continue
    if (value === null || value === undefined) continue
    if (key === 'default' || key === 'example') result[key] = value as unknown
    else if (isEmpty(value)) continue
    else if (key === 'allOf' || key === 'anyOf' || key === 'oneOf') {
      result[key] = (value as Schema[]).map(publishRule)
    } else result[key] = key === 'not' ? publishRule(value as Schema) : value
  }
  return result
}

/** A schema inside `allOf` and its like, which says nothing of further fields. */
function publishRule(schema: Schema): DocumentSchema {
  const result = leavesOf(schema)
  if (schema.items) result['items'] = publishRule(schema.items)
  if (schema.properties && Object.keys(schema.properties).length > 0) {
    const properties = Object.entries(schema.properties)
    result['properties'] = Object.fromEntries(properties.map(([name, one]) => [name, publishRule(one)]))
  }
  return result
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return value === '' || value === false
}

/** A value that may be a number or text says so by `anyOf` too (upstream: structural schema's Unfold). */
function withIntOrString(schema: Schema): Schema {
  if (!schema['x-kubernetes-int-or-string']) return schema
  const { anyOf, allOf = [] } = schema
  if (isIntOrString(anyOf) || isIntOrString(allOf[0]?.anyOf)) return schema
  if (!anyOf) return { ...schema, anyOf: intOrString as Schema[] }
  return { ...schema, allOf: [{ anyOf: intOrString as Schema[] }, ...allOf] }
}

function isIntOrString(rules: Schema[] | undefined): boolean {
  return JSON.stringify(rules) === JSON.stringify(intOrString)
}

/**
 * A schema without what Swagger 2.0, or kubectl's reading of it, cannot have: where null or unknown fields are
 * allowed, no type and nothing below (upstream: apiextensions-apiserver pkg/controller/openapi/v2/conversion.go).
 */
function lossy(schema: Schema): Schema {
  const { allOf: _all, oneOf: _one, anyOf: _any, not: _not, nullable, ...rest } = schema
  const result: Schema = rest
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (nullable) delete result.type
  if (nullable || isOpen) {
    delete result.items
    delete result.properties
  }
  if (result.type === 'array' && !result.items) delete result.type
  if (isOpen && result.type === 'object') delete result.type
  const { additionalProperties, properties = {} } = result
  if (typeof additionalProperties === 'object' && additionalProperties.nullable) delete result.required
  result.required = (result.required ?? []).filter((name) => !properties[name]?.nullable)
  return result
}
