import type { Schema } from '../../registry/schema/schema.ts'
import type { DocumentForm } from './custom-schema.ts'
import type { DescriptionSource } from './descriptions.ts'
import { textOfReference } from './field-sentences.ts'
import { mapBelow, visitReferences, type DocumentSchema } from './map-schema.ts'
import { kindsOfSchema, type KindScope } from './scheme-versions.ts'

const builtInPrefix = '#/components/schemas/'
const gvkExtension = 'x-kubernetes-group-version-kind'
/** What stands in the data in place of a schema, for Swagger 2.0. */
const v2Schema = 'x-kubernetes-v2-schema'

/** Collects the schemas of one document: those added and everything they refer to. */
export interface ComponentCollector {
  add(name: string): void
  readonly components: Record<string, DocumentSchema>
}

/** Creates a collector over the built-in schemas and those of custom kinds. */
export function createComponentCollector(options: {
  schemas: Record<string, Schema>
  custom: ReadonlyMap<string, DocumentSchema>
  describe: DescriptionSource
  form: DocumentForm
  scope: KindScope
}): ComponentCollector {
  const { schemas, custom, describe, form, scope } = options
  const components: Record<string, DocumentSchema> = {}

  function add(name: string): void {
    if (components[name]) return
    const own = custom.get(name)
    // That of a custom kind is in terms of the form already, but for wrapping.
    const schema = own && !form.isV2 ? wrapRefs(own) : (own ?? builtIn(name))
    if (!schema) return
    components[name] = schema
    visitReferences(schema, add)
  }
  function builtIn(name: string): DocumentSchema | undefined {
    const schema = schemas[name]
    if (!schema) return undefined
    const component = described(name, schema as DocumentSchema, describe(name))
    const kinds = kindsOfSchema(name, schema, scope)
    if (kinds.length > 0) component[gvkExtension] = kinds
    return form.isV2 ? toV2(component, form) : wrapRefs(component)
  }
  return { components, add }
}

/** A built-in schema with what is said of it and of its fields, if anything is. */
function described(
  name: string,
  schema: DocumentSchema,
  type: ReturnType<DescriptionSource>,
): DocumentSchema {
  const { description, fields } = type
  if (description === undefined) return { ...schema }
  const { properties, ...rest } = schema
  const result: DocumentSchema = { description, ...rest }
  if (!properties) return result
  const owner = shortName(name)
  const members = Object.entries(properties as Record<string, DocumentSchema>).map(([field, member]) => {
    const { $ref } = member
    const text =
      typeof $ref === 'string'
        ? textOfReference({ owner, field, type: shortName($ref), text: fields[field] })
        : fields[field]
    return [field, text === undefined ? member : { description: text, ...member }]
  })
  return { ...result, properties: Object.fromEntries(members) as object }
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** A copy in which a `$ref` with anything beside it is wrapped in `allOf`, as OpenAPI 3.0 requires. */
function wrapRefs(schema: DocumentSchema): DocumentSchema {
  const { [v2Schema]: _other, ...copy } = mapBelow(schema, wrapRefs)
  if (copy['$ref'] === undefined || Object.keys(copy).length === 1) return copy
  const { $ref, ...rest } = copy
  return { ...rest, allOf: [{ $ref }] }
}

/** A copy in Swagger 2.0's terms: without defaults, and without what it has no word for (upstream: PruneDefaults). */
function toV2(schema: DocumentSchema, { refTo }: DocumentForm): DocumentSchema {
  const { description, [v2Schema]: own, ...rest } = schema
  const text = description === undefined ? {} : { description }
  if (own !== undefined) return { ...text, ...(own as DocumentSchema) }
  const { default: _default, $ref, ...copy } = mapBelow(rest, (below) => toV2(below, { isV2: true, refTo }))
  return { ...text, ...copy, ...(typeof $ref === 'string' && refTo($ref.slice(builtInPrefix.length))) }
}
