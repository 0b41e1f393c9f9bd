import { goNameOfSchema } from './api-facts.ts'
import type { ApiFacts } from './api-facts.ts'
import { flatFields } from './go-type.ts'
import type { FlatGoField } from './go-type.ts'
import { bareField, LazyField, LazyList, LazyMap, LazyStruct } from './lazy-nodes.ts'
import type { AnyNode, FieldNode, MapNode, ScalarNode, SchemaNode, StructNode } from './node.ts'
import type { ScalarType } from './node.ts'
import type { Schema } from './schema.ts'

const refPrefix = '#/components/schemas/'
const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
const objectMeta = `${metaPackage}ObjectMeta`

/** Types whose schema does not tell their JSON form. */
const namedScalars: Record<string, ScalarType> = {
  [`${metaPackage}Time`]: 'time',
  [`${metaPackage}MicroTime`]: 'microTime',
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
}
const rawExtension = 'io.k8s.apimachinery.pkg.runtime.RawExtension'
const crdPackage = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'
/** Go unions of a schema with something else. */
const schemaUnions: Record<string, StructNode['alternative']> = {
  [`${crdPackage}JSONSchemaPropsOrArray`]: 'list',
  [`${crdPackage}JSONSchemaPropsOrBool`]: 'boolean',
}
const anyNode: AnyNode = { kind: 'any' }

/** Builds nodes; each named type once. */
export interface NodeSource {
  /** Whether there is a schema of this name. */
  has(name: string): boolean
  /** The node of a named schema. Throws when there is none of this name. */
  ofName(name: string): SchemaNode
  /** The node of a schema that stands for itself, such as that of a custom resource. */
  ofObjectSchema(schema: Schema): SchemaNode
}

/** A source of nodes over the generated facts; built nodes are kept. */
export function createNodeSource(facts: ApiFacts): NodeSource {
  const named = new Map<string, SchemaNode>()
  const builder: Builder = { facts, named }
  return {
    has: (name) => facts.schema(name) !== undefined,
    ofName: (name) => nodeOfName(builder, name),
    ofObjectSchema(schema) {
      const rest = schema['x-kubernetes-preserve-unknown-fields'] ? deducedNode : undefined
      return new LazyStruct({ rest }, () => {
        const fields = fieldsOf(builder, { schema, goFields: undefined })
        addTypeMembers(builder, fields)
        return fields
      })
    },
  }
}

interface Builder {
  facts: ApiFacts
  named: Map<string, SchemaNode>
}

function nodeOfName(builder: Builder, name: string): SchemaNode {
  const known = builder.named.get(name)
  if (known) return known
  const schema = builder.facts.schema(name)
  if (!schema) throw new Error(`no schema named ${name}`)
  const node = buildNamed(builder, name, schema)
  builder.named.set(name, node)
  return node
}

function buildNamed(builder: Builder, name: string, schema: Schema): SchemaNode {
  const scalar = Object.hasOwn(namedScalars, name) ? namedScalars[name] : undefined
  if (scalar) return { kind: 'scalar', scalar }
  if (name === rawExtension) return anyNode
  if (name === `${metaPackage}FieldsV1`) return { kind: 'any', isShared: true }
  const alternative = Object.hasOwn(schemaUnions, name) ? schemaUnions[name] : undefined
  if (alternative) {
    const props = nodeOfName(builder, `${crdPackage}JSONSchemaProps`)
    return new LazyStruct({ name: 'JSONSchemaProps', alternative }, () =>
      props.kind === 'struct' ? props.fields : new Map<string, FieldNode>(),
    )
  }
  if (schema.type !== 'object' || schema.additionalProperties) return nodeOf(builder, schema)
  const atomic = schema['x-kubernetes-map-type'] === 'atomic'
  return new LazyStruct({ name: name.slice(name.lastIndexOf('.') + 1), atomic }, () =>
    fieldsOf(builder, { schema, goFields: flatFields(builder.facts, goNameOfSchema(name)) }),
  )
}

function nodeOf(builder: Builder, schema: Schema): SchemaNode {
  if (schema.$ref) return ownedAs(schema['x-kubernetes-map-type'], namedNode(builder, schema.$ref))
  // As upstream's types of custom resources have it, it may be anything, in one piece.
  if (schema['x-kubernetes-int-or-string']) return anyNode
  if (schema['x-kubernetes-embedded-resource'] || schema['x-kubernetes-preserve-unknown-fields'])
    return openNode(builder, schema)
  switch (schema.type) {
    case 'string':
      return scalarNode(
        schema.format === 'byte' ? 'bytes' : schema.format === 'date-time' ? 'time' : 'string',
      )
    case 'integer':
      return scalarNode(schema.format === 'int32' ? 'int32' : 'int64')
    case 'number':
      return scalarNode('number')
    case 'boolean':
      return scalarNode('bool')
    case 'array':
      return new LazyList(schema, () => (schema.items ? nodeOf(builder, schema.items) : anyNode))
    case 'object':
      return objectNode(builder, schema)
    case undefined:
      return anyNode
  }
}

function namedNode(builder: Builder, reference: string): SchemaNode {
  return nodeOfName(builder, reference.slice(refPrefix.length))
}

/** A field may have its type owned in another way than the type says of itself, as the claimRef of a volume. */
function ownedAs(mapType: Schema['x-kubernetes-map-type'], node: SchemaNode): SchemaNode {
  if (mapType === undefined || node.kind !== 'struct') return node
  const atomic = mapType === 'atomic'
  const { name, rest, alternative } = node
  return atomic === node.atomic
    ? node
    : new LazyStruct({ name, atomic, rest, alternative }, () => node.fields)
}

function objectNode(builder: Builder, schema: Schema): SchemaNode {
  const { additionalProperties: additional } = schema
  const atomic = schema['x-kubernetes-map-type'] === 'atomic'
  if (typeof additional === 'object') return new LazyMap(atomic, () => nodeOf(builder, additional))
  if (schema.properties)
    return new LazyStruct({ atomic }, () => fieldsOf(builder, { schema, goFields: undefined }))
  return anyNode
}

/** Members that no schema tells of: objects by their members, everything else as a whole. */
const deducedNode: MapNode = {
  kind: 'map',
  atomic: false,
  get values() {
    return deducedNode
  },
}

/** An object whose members no schema tells of. */
const openMapNode: MapNode = { kind: 'map', atomic: false, values: deducedNode }

/** An object inside an object, or one that keeps what its schema does not know. */
function openNode(builder: Builder, schema: Schema): SchemaNode {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  if (schema.type === 'array')
    return nodeOf(builder, { ...schema, 'x-kubernetes-preserve-unknown-fields': false })
  if (!isEmbedded && !schema.properties) return schema.type === 'object' ? openMapNode : deducedNode
  const atomic = schema['x-kubernetes-map-type'] === 'atomic'
  const rest = schema['x-kubernetes-preserve-unknown-fields'] ? deducedNode : undefined
  return new LazyStruct({ atomic, rest }, () => {
    const fields = fieldsOf(builder, { schema, goFields: undefined })
    if (isEmbedded) addTypeMembers(builder, fields)
    return fields
  })
}

function addTypeMembers(builder: Builder, fields: Map<string, FieldNode>): void {
  for (const name of ['apiVersion', 'kind']) {
    fields.set(name, new LazyField(bareField(name, 'keep'), () => scalarNode('string')))
  }
  fields.set('metadata', new LazyField(bareField('metadata', 'fill'), () => nodeOfName(builder, objectMeta)))
}

function scalarNode(scalar: ScalarType): ScalarNode {
  return { kind: 'scalar', scalar }
}

interface FieldSource {
  schema: Schema
  goFields: FlatGoField[] | undefined
}

function fieldsOf(builder: Builder, { schema, goFields }: FieldSource): Map<string, FieldNode> {
  const goByName = new Map(goFields?.map((field) => [field.json, field]))
  const required = new Set(schema.required)
  const fields = new Map<string, FieldNode>()
  const properties = schema.properties ?? {}
  // In the order of the Go struct, which is that of its JSON.
  const names = [...goByName.keys()].filter((name) => Object.hasOwn(properties, name))
  for (const name of new Set([...names, ...Object.keys(properties)])) {
    const property = properties[name]!
    const go = goByName.get(name)
    fields.set(
      name,
      new LazyField({ name, property, go, required: required.has(name) }, () => nodeOf(builder, property)),
    )
  }
  return fields
}
