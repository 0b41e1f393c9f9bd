import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import type { Schema } from '../../../registry/schema/schema.ts'

/** What holds a definition that is being deleted until all its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

/** One version of a CustomResourceDefinition. */
export type CrdVersion = CustomResourceDefinition['spec']['versions'][number]

/** A schema as users write it: everything of OpenAPI that a definition may, or must not, say. */
export interface CrdSchema extends Omit<Schema, NestedMembers> {
  items?: CrdSchema
  properties?: Record<string, CrdSchema>
  additionalProperties?: CrdSchema | boolean
  allOf?: CrdSchema[]
  anyOf?: CrdSchema[]
  oneOf?: CrdSchema[]
  not?: CrdSchema
  uniqueItems?: boolean
  id?: string
  externalDocs?: unknown
  additionalItems?: unknown
  patternProperties?: Record<string, unknown>
  definitions?: Record<string, unknown>
  dependencies?: Record<string, unknown>
}

type NestedMembers = 'items' | 'properties' | 'additionalProperties' | 'allOf' | 'anyOf' | 'oneOf' | 'not'

/** The schema of a version, if it has one. */
export function schemaOf(version: Pick<CrdVersion, 'schema'>): CrdSchema | undefined {
  // The wire type is the generated one; both describe the same JSON.
  return version.schema?.openAPIV3Schema as CrdSchema | undefined
}

/** Calls `visit` for a schema and every schema inside it, with the field path of each. */
export function walkSchema(
  schema: CrdSchema,
  path: string,
  visit: (schema: CrdSchema, path: string) => void,
): void {
  visit(schema, path)
  const { items, properties = {}, additionalProperties: additional, not } = schema
  if (items && !Array.isArray(items)) walkSchema(items, `${path}.items`, visit)
  for (const [name, property] of Object.entries(properties))
    walkSchema(property, `${path}.properties[${name}]`, visit)
  if (typeof additional === 'object') walkSchema(additional, `${path}.additionalProperties`, visit)
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [index, one] of (schema[key] ?? []).entries())
      walkSchema(one, `${path}.${key}[${index}]`, visit)
  }
  if (not) walkSchema(not, `${path}.not`, visit)
}
