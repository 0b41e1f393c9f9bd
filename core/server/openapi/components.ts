import type { GroupVersionKind } from '../../api/gvk.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import type { DescriptionSource } from './descriptions.ts'

/** Schemas as they stand in a document: OpenAPI v3 with extensions. */
type ComponentSchema = Record<string, unknown>

const refPrefix = '#/components/schemas/'
const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

/** Schema of metav1 types that documents name themselves. */
export const metaSchemas = {
  deleteOptions: `${metaPrefix}DeleteOptions`,
  listMeta: `${metaPrefix}ListMeta`,
  patch: `${metaPrefix}Patch`,
  status: `${metaPrefix}Status`,
}

/** The name of a kind's schema: its built-in one, or made of the reversed group (upstream: ToRESTFriendlyName). */
export function schemaNameOf(definition: KindDefinition): string {
  if (typeof definition.schema === 'string') return definition.schema
  const reversed = definition.group.split('.').reverse().join('.')
  return `${reversed}.${definition.version}.${definition.kind}`
}

export function refTo(name: string): { $ref: string } {
  return { $ref: refPrefix + name }
}

/** Collects the schemas of one document: those added and everything they refer to. */
export interface ComponentCollector {
  add(name: string, kind?: GroupVersionKind): void
  addList(definition: KindDefinition): string
  addCustom(definition: KindDefinition): void
  readonly components: Record<string, ComponentSchema>
}

/** Creates a collector over the built-in schemas. */
export function createComponentCollector(options: {
  schemas: Record<string, Schema>
  describe: DescriptionSource
}): ComponentCollector {
  const components: Record<string, ComponentSchema> = {}

  function add(name: string, kind?: GroupVersionKind): void {
    const schema = options.schemas[name]
    if (!schema) return
    if (!components[name]) {
      const { description, fields } = options.describe(name)
      const component = convert(schema, description)
      components[name] = component
      describeFields(component, fields)
      addReferences(component)
    }
    if (kind) components[name]['x-kubernetes-group-version-kind'] = [kind]
  }
  function addReferences(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      if (key === '$ref' && typeof member === 'string') add(member.slice(refPrefix.length))
      else addReferences(member)
    }
  }
  return {
    components,
    add,
    addList(definition) {
      const item = schemaNameOf(definition)
      const name = `${item}List`
      const { group, version, kind, names } = definition
      components[name] = listSchema(definition, item)
      components[name]['x-kubernetes-group-version-kind'] = [
        { group, version, kind: names.listKind ?? `${kind}List` },
      ]
      add(metaSchemas.listMeta)
      return name
    },
    addCustom(definition) {
      if (typeof definition.schema === 'string') return
      const component = publishCustom(definition.schema)
      const { group, version, kind } = definition
      component['x-kubernetes-group-version-kind'] = [{ group, version, kind }]
      const selectable = Object.keys(definition.selectableFields ?? {})
      if (selectable.length > 0) {
        component['x-kubernetes-selectable-fields'] = selectable.map((fieldPath) => ({ fieldPath }))
      }
      components[schemaNameOf(definition)] = component
      addReferences(component)
    },
  }
}

const typeMembers: Record<string, ComponentSchema> = {
  apiVersion: {
    description:
      'APIVersion defines which schema this object follows; servers convert between the versions they know.',
    type: 'string',
  },
  kind: { description: 'The resource that this object is, in CamelCase.', type: 'string' },
  metadata: {
    description: "Standard object's metadata, which every object has.",
    allOf: [refTo(`${metaPrefix}ObjectMeta`)],
  },
}

/** A custom resource's schema with what every object has, at the root and in objects inside it. */
function publishCustom(schema: Schema): ComponentSchema {
  const component = convert(schema, schema.description)
  component['properties'] = { ...(component['properties'] as object | undefined), ...typeMembers }
  completeEmbedded(component['properties'])
  return component
}

function completeEmbedded(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  const component = value as ComponentSchema
  if (component['x-kubernetes-embedded-resource'] === true) {
    component['properties'] = { ...(component['properties'] as object | undefined), ...typeMembers }
  }
  for (const [key, member] of Object.entries(value)) if (key !== 'default') completeEmbedded(member)
}

function listSchema({ kind, names }: KindDefinition, item: string): ComponentSchema {
  return {
    description: `${kind}List is a list of ${kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this list.' },
      kind: { type: 'string', description: 'Kind of this list.' },
      metadata: { allOf: [refTo(metaSchemas.listMeta)], default: {}, description: 'Metadata of the list.' },
      items: {
        type: 'array',
        description: `The ${names.plural} of this list.`,
        items: { allOf: [refTo(item)], default: {} },
      },
    },
  }
}

/** A copy in which a `$ref` with anything beside it is wrapped in `allOf`, as OpenAPI 3.0 requires. */
function convert(schema: Schema, description?: string): ComponentSchema {
  const copy = wrap(schema) as ComponentSchema
  return description ? { description, ...copy } : copy
}

function wrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wrap)
  if (typeof value !== 'object' || value === null) return value
  const copy: ComponentSchema = {}
  for (const [key, member] of Object.entries(value)) copy[key] = key === 'default' ? member : wrap(member)
  if (typeof copy['$ref'] !== 'string' || Object.keys(copy).length === 1) return copy
  const { $ref, ...rest } = copy
  return { ...rest, allOf: [{ $ref }] }
}

function describeFields(component: ComponentSchema, fields: Record<string, string>): void {
  const properties = (component['properties'] ?? {}) as Record<string, ComponentSchema>
  for (const [name, property] of Object.entries(properties)) {
    const description = fields[name]
    if (description === undefined) continue
    const { $ref, ...rest } = property
    properties[name] = { description, ...rest, ...(typeof $ref === 'string' ? { allOf: [{ $ref }] } : {}) }
  }
}
